/**
 * Owns the driving of Firefox as it is shipped, by WebDriver BiDi. One process serves all browsers
 * without a profile: each is a person of its own there (a "user context"), who shares nothing.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { untilGone } from '../support/processes.js'
import type { Bidi } from './bidi.js'
import { type Browser, type Driver, lacking, type Page } from './driver.js'
import { createEnding } from './ending.js'
import { createInside, type Inside } from './firefox-inside.js'
import { type Firefox, startFirefox } from './firefox-process.js'
import { answerOf, tellingCallOf } from './script-text.js'

interface Running {
  readonly firefox: Firefox
  readonly inside: Inside
}

export function createFirefox(executable: string): Driver {
  let folder: string | undefined
  let starting: Promise<Running> | undefined

  async function start(profile: string): Promise<Running> {
    const firefox = await startFirefox(executable, profile)
    return { firefox, inside: await createInside(firefox.bidi) }
  }

  async function startShared(): Promise<Running> {
    folder = await mkdtemp(join(tmpdir(), 'partyline-firefox-'))
    return start(folder)
  }

  return {
    async open(profile) {
      if (profile !== undefined) {
        const running = await start(profile)
        const { pid, kill, close } = running.firefox
        return { ...browserOf(running, 'default'), pid, kill, close }
      }
      starting ??= startShared()
      const running = await starting
      const { bidi } = running.firefox
      const { userContext } = await bidi.call<UserContext>('browser.createUserContext')
      return browserOf(running, userContext)
    },
    async close() {
      if (!starting || folder === undefined) return
      await (await starting).firefox.close()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

interface UserContext {
  readonly userContext: string
}

function browserOf({ firefox: { bidi }, inside }: Running, userContext: string): Browser {
  let closing: Promise<void> | undefined
  return {
    async openPage(url) {
      const { context } = await bidi.call<{ readonly context: string }>('browsingContext.create', {
        type: 'tab',
        background: true,
        userContext,
      })
      await inside.show(context)
      const page = pageOf(bidi, inside, context)
      await page.goto(url)
      return page
    },
    workersIn: () => ({
      ids: () => inside.workersOf(userContext),
      kill: () => lacking('end a worker alone'),
      hang: () => lacking('hang a worker'),
      jumpWallClock: () => lacking('change the clock of a worker'),
    }),
    disk: {
      clear: (origin) => inside.clear(userContext, origin),
      limit: () => lacking('limit a disk'),
    },
    pid: 0,
    playwright: () => lacking('be steered by Playwright'),
    kill: () => lacking('kill a process that others use'),
    close() {
      closing ??= bidi.call('browser.removeUserContext', { userContext })
      return closing
    },
  }
}

interface Evaluation {
  readonly type: 'success' | 'exception'
  readonly result: { readonly value: string }
  readonly exceptionDetails: { readonly text: string }
}

function pageOf(bidi: Bidi, inside: Inside, context: string): Page {
  const ending = createEnding()
  const call = <Answer>(method: string, params: object): Promise<Answer> =>
    ending.orAnswer(bidi.call<Answer>(method, { context, ...params }))

  return {
    async evaluate(run, arg) {
      const { type, result, exceptionDetails } = await call<Evaluation>('script.evaluate', {
        expression: tellingCallOf(run, arg),
        target: { context },
        awaitPromise: true,
      })
      if (type === 'exception') throw new Error(exceptionDetails.text)
      return answerOf(result.value)
    },
    async url() {
      const { contexts } = await call<{ contexts: readonly { url: string }[] }>(
        'browsingContext.getTree',
        { root: context },
      )
      return contexts[0]?.url ?? ''
    },
    goto: (url) => call('browsingContext.navigate', { url, wait: 'complete' }),
    goBack: () => call('browsingContext.traverseHistory', { delta: -1 }),
    reload: () => call('browsingContext.reload', { wait: 'complete' }),
    async close() {
      ending.come('closed')
      await bidi.call('browsingContext.close', { context, promptUnload: false })
    },
    async kill() {
      const pid = await inside.processOf(context)
      ending.come('killed')
      const at = Date.now()
      process.kill(pid, 'SIGKILL')
      await untilGone(pid)
      return at
    },
  }
}

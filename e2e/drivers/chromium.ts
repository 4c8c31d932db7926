/**
 * Owns the driving of Chromium, by Playwright. One process serves all browsers without a profile:
 * each has a context of its own there.
 */
import type {
  BrowserType,
  CDPSession,
  LaunchOptions,
  BrowserContext as PlaywrightContext,
  Page as PlaywrightPage,
} from '@playwright/test'
import { browserOf, killTree, untilGone } from '../support/processes.js'
import { brokerWorkers } from '../support/workers.js'
import { type Browser, type Disk, type Driver, lacking, type Page } from './driver.js'
import { rendererOf } from './renderers.js'
import { callOf } from './script-text.js'

export function createChromium(type: BrowserType, options: LaunchOptions): Driver {
  let launching: ReturnType<BrowserType['launch']> | undefined
  return {
    async open(folder) {
      if (folder !== undefined) {
        const context = await type.launchPersistentContext(folder, options)
        return { ...browserIn(context), ...processOn(folder, context) }
      }
      launching ??= type.launch(options)
      return browserIn(await (await launching).newContext())
    },
    async close() {
      await (await launching)?.close()
    },
  }
}

/** A browser is what a context has: its pages, its disk, its workers. */
const browserIn = (context: PlaywrightContext): Browser => ({
  async openPage(url) {
    const page = await context.newPage()
    await page.goto(url)
    return pageOf(page, context)
  },
  workersIn: (host) => brokerWorkers(context, host),
  disk: createDisk(context),
  pid: 0,
  playwright: () => context,
  kill: () => lacking('kill a process that others use'),
  close: () => context.close(),
})

const processOn = (folder: string, context: PlaywrightContext) => ({
  get pid() {
    const pid = browserOf(folder)
    if (pid === undefined) throw new Error('the browser does not run')
    return pid
  },
  async kill() {
    const pid = browserOf(folder)
    if (pid === undefined) return
    const closed = context.waitForEvent('close')
    killTree(pid)
    await closed
    await untilGone(pid)
  },
})

/** What a debugger may do to a disk. It belongs to a page. */
function createDisk(context: PlaywrightContext): Disk {
  async function debug<Answer>(ask: (session: CDPSession) => Promise<Answer>): Promise<void> {
    const [page] = context.pages()
    if (!page) throw new Error('open a page first')
    await ask(await context.newCDPSession(page))
  }
  return {
    clear: (origin) =>
      debug((session) =>
        session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' }),
      ),
    limit: (origin, bytes) =>
      debug((session) =>
        session.send('Storage.overrideQuotaForOrigin', {
          origin,
          ...(bytes !== undefined && { quotaSize: bytes }),
        }),
      ),
  }
}

function pageOf(page: PlaywrightPage, context: PlaywrightContext): Page {
  return {
    evaluate: (run, arg) => page.evaluate(callOf(run, arg)),
    url: async () => page.url(),
    goto: async (url) => void (await page.goto(url)),
    // A page that comes out of the cache does not load again.
    goBack: async () => void (await page.goBack({ waitUntil: 'commit' })),
    reload: async () => void (await page.reload()),
    close: () => page.close({ runBeforeUnload: false }),
    async kill() {
      const pid = await rendererOf(page, context)
      const crashed = page.waitForEvent('crash')
      const at = Date.now()
      process.kill(pid, 'SIGKILL')
      await crashed
      return at
    },
  }
}

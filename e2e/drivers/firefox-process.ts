/**
 * Owns a Firefox as a process: started on a profile, with the settings that a test needs and a person
 * could choose, and steered from outside by WebDriver BiDi.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { isAlive, killTree, untilGone } from '../support/processes.js'
import { type Bidi, createBidi } from './bidi.js'

export interface Firefox {
  readonly bidi: Bidi
  readonly pid: number
  /** kill -9 of the browser and of every process under it. */
  kill(): Promise<void>
  /** Ends it as a person does. */
  close(): Promise<void>
}

const SETTINGS = {
  // BiDi alone.
  'remote.active-protocols': 1,
  // A process for every tab, so that one can die without the others.
  'dom.ipc.processCount.webIsolated': 40,
  // After a kill -9 it starts as it would have, without a question.
  'browser.sessionstore.resume_from_crash': false,
  'toolkit.startup.max_resumed_crashes': -1,
  // It calls nobody.
  'app.update.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'http://127.0.0.1:9',
}

export async function startFirefox(executable: string, folder: string): Promise<Firefox> {
  await mkdir(folder, { recursive: true })
  const settings = Object.entries(SETTINGS).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
  )
  await writeFile(join(folder, 'user.js'), settings.join(''))
  const child = spawn(
    executable,
    [
      '-headless',
      '-no-remote',
      '-profile',
      folder,
      '--remote-debugging-port=0',
      '--remote-allow-system-access',
    ],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      // A home of its own: a Firefox of the machine's owner has nothing to do with it. And a tab that
      // is killed must not start a reporter.
      env: { ...process.env, HOME: folder, MOZ_CRASHREPORTER_DISABLE: '1' },
    },
  )
  const { pid } = child
  if (pid === undefined) throw new Error(`${executable} does not start`)
  const bidi = await createBidi(`${await addressOf(child)}/session`)
  await bidi.call('session.new', { capabilities: {} })

  return {
    bidi,
    pid,
    async kill() {
      if (isAlive(pid)) killTree(pid)
      await untilGone(pid)
    },
    async close() {
      // Its answer may die with it.
      await bidi.call('browser.close').catch(() => {})
      await untilGone(pid).catch(() => killTree(pid))
    },
  }
}

/** Firefox says on its error output where it listens. */
async function addressOf(child: ChildProcess): Promise<string> {
  if (!child.stderr) throw new Error('Firefox has no error output')
  const lines = createInterface(child.stderr)
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`Firefox ended with ${code} before it listened.`)
  })
  // It listens on: an output that nobody reads would hold Firefox up.
  const said = new Promise<string>((resolve) => {
    lines.on('line', (line: string) => {
      const address = /BiDi listening on (ws:\S+)/.exec(line)?.[1]
      if (address !== undefined) resolve(address)
    })
  })
  const address = await Promise.race([said, ended])
  ended.catch(() => {})
  return address
}

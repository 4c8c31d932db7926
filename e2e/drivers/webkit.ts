/**
 * Owns the driving of WebKitGTK, by WebDriver: a small browser and a driver of its own for each, on a
 * screen that nobody sees.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { findWebKit } from '../../scripts/find-browser.js'
import { killTree, untilGone } from '../support/processes.js'
import { type Browser, type Driver, lacking, type Page } from './driver.js'
import { createEnding } from './ending.js'
import { answerOf, tellingCallOf } from './script-text.js'
import { createWebDriver, type WebDriver } from './webdriver.js'

type Places = NonNullable<ReturnType<typeof findWebKit>>

interface Screen {
  readonly name: string
  close(): void
}

export function createWebKit(places: Places): Driver {
  let starting: Promise<Screen> | undefined
  return {
    async open(profile) {
      if (profile !== undefined) lacking('keep a profile')
      starting ??= startScreen(places.screen)
      return startBrowser(places, (await starting).name)
    },
    async close() {
      const screen = await starting
      screen?.close()
    },
  }
}

async function startScreen(executable: string): Promise<Screen> {
  // It says on the fourth of its files which screen it has become.
  const child = spawn(executable, ['-displayfd', '3', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const [said] = await once(child.stdio[3] as NodeJS.ReadableStream, 'data')
  return { name: `:${String(said).trim()}`, close: () => void child.kill() }
}

interface NewWindow {
  readonly handle: string
}

async function startBrowser({ driver, browser }: Places, screen: string): Promise<Browser> {
  const home = await mkdtemp(join(tmpdir(), 'partyline-webkit-'))
  const port = await freePort()
  const child = spawn(driver, [`--port=${port}`], {
    stdio: 'ignore',
    env: {
      ...process.env,
      HOME: home,
      DISPLAY: screen,
      GDK_BACKEND: 'x11',
      LIBGL_ALWAYS_SOFTWARE: '1',
      WEBKIT_DISABLE_COMPOSITING_MODE: '1',
      NO_AT_BRIDGE: '1',
    },
  })
  const address = `http://127.0.0.1:${port}`
  await untilListening(child, address)
  const webDriver = await createWebDriver(address, {
    'webkitgtk:browserOptions': { binary: browser, args: ['--automation'] },
  })
  // The limits are the test's.
  await webDriver.ask('POST', '/timeouts', { script: 600_000, pageLoad: 600_000 })
  // It stays open, and outlives every page: the next one is asked for from there.
  const first = await webDriver.ask<string>('GET', '/window')
  return {
    async openPage(url) {
      // A window, because it is shown: a tab that is not the newest is hidden.
      const { handle } = await webDriver.askIn<NewWindow>(first, 'POST', '/window/new', {
        type: 'window',
      })
      const page = pageOf(webDriver, handle)
      await page.goto(url)
      return page
    },
    workersIn: () => ({
      ids: () => lacking('see workers'),
      kill: () => lacking('end a worker alone'),
      hang: () => lacking('hang a worker'),
      jumpWallClock: () => lacking('change the clock of a worker'),
    }),
    disk: { clear: () => lacking('clear a disk'), limit: () => lacking('limit a disk') },
    pid: 0,
    playwright: () => lacking('be steered by Playwright'),
    kill: () => lacking('kill a browser that begins with an empty disk'),
    async close() {
      const { pid } = child
      if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return
      killTree(pid)
      await untilGone(pid)
      await rm(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function pageOf(webDriver: WebDriver, window: string): Page {
  const ending = createEnding()
  const ask = <Answer>(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> =>
    ending.orAnswer(webDriver.askIn<Answer>(window, method, path, body))

  return {
    async evaluate(run, arg) {
      const script = `${tellingCallOf(run, arg)}.then(arguments[0])`
      return answerOf(await ask('POST', '/execute/async', { script, args: [] }))
    },
    url: () => ask('GET', '/url'),
    goto: (url) => ask('POST', '/url', { url }),
    goBack: () => ask('POST', '/back'),
    reload: () => ask('POST', '/refresh'),
    async close() {
      ending.come('closed')
      await webDriver.askIn(window, 'DELETE', '/window')
    },
    kill: () => lacking('go on after the process of a page has died'),
  }
}

/** Free a moment ago, which is as much as one can know. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function untilListening(child: ChildProcess, address: string): Promise<void> {
  for (;;) {
    const response = await fetch(`${address}/status`).catch(() => undefined)
    if (response?.ok) return
    if (child.exitCode !== null) throw new Error(`the driver ended with ${child.exitCode}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

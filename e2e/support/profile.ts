/**
 * Owns a browser on a profile that outlives it: it can be killed in the middle of anything, and
 * started again on what it had on disk.
 */
import { rm } from 'node:fs/promises'
import type { Browser, Driver } from '../drivers/driver.js'
import { resumeTree, stopTree } from './processes.js'
import { openPage, type Tab, type TabPlace } from './tab.js'

export interface Profile {
  /** Starts the browser, unless it runs. */
  launch(): Promise<void>
  openTab(name: string): Promise<Tab>
  readonly browser: Browser
  /** The machine sleeps: none of its processes runs until it wakes. The driver must not ask anything. */
  sleep(): void
  wake(): void
  /** kill -9 of the browser and of every process under it. */
  kill(): Promise<void>
  close(): Promise<void>
}

export interface ProfileOptions {
  readonly driver: Driver
  readonly folder: string
  readonly place: TabPlace
}

export function createProfile({ driver, folder, place }: ProfileOptions): Profile {
  let browser: Browser | undefined

  function launched(): Browser {
    if (!browser) throw new Error('launch first')
    return browser
  }

  async function end(how: 'kill' | 'close'): Promise<void> {
    const old = browser
    browser = undefined
    await old?.[how]()
  }

  return {
    async launch() {
      if (browser) return
      browser = await driver.open(folder)
    },
    get browser() {
      return launched()
    },
    sleep: () => stopTree(launched().pid),
    wake: () => resumeTree(launched().pid),
    openTab: async (name) => openPage(launched(), name, place),
    kill: () => end('kill'),
    async close() {
      await end('close')
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/**
 * Owns the browser of a session: started on its profile when somebody needs it, killed with -9 from
 * one line of code to the next, and started again on what it had on disk.
 */
import type { BrowserContext, BrowserType, LaunchOptions } from '@playwright/test'
import { browserOf, killTree, untilGone } from './processes.js'

export interface Browser {
  /** Undefined: it does not run. */
  readonly context: BrowserContext | undefined
  /** Starts it, unless it runs. */
  start(): Promise<BrowserContext>
  /** kill -9 of the browser and every process under it: when this returns, it is done. */
  kill(): void
  /** Ends it as a person does, if it runs; resolves when the profile is free. */
  close(): Promise<void>
}

export interface BrowserOptions {
  readonly browserType: BrowserType
  readonly launchOptions: LaunchOptions
  readonly folder: string
}

export function createBrowser({ browserType, launchOptions, folder }: BrowserOptions): Browser {
  let running: { readonly context: BrowserContext; readonly pid: number } | undefined
  /** A profile has one browser at a time. */
  let isFree: Promise<unknown> = Promise.resolve()

  return {
    get context() {
      return running?.context
    },
    async start() {
      if (running) return running.context
      await isFree
      const context = await browserType.launchPersistentContext(folder, launchOptions)
      const pid = browserOf(folder)
      if (pid === undefined) throw new Error('the browser has no process')
      running = { context, pid }
      return context
    },
    kill() {
      if (!running) return
      const { context, pid } = running
      running = undefined
      isFree = Promise.all([context.waitForEvent('close'), untilGone(pid)])
      // Whoever waits for it hears of a failure.
      isFree.catch(() => {})
      killTree(pid)
    },
    async close() {
      const own = running
      running = undefined
      if (own) await own.context.close()
      if (own) await untilGone(own.pid)
      await isFree
    },
  }
}

/**
 * Owns a browser on a profile that outlives it: it can be killed in the middle of anything, and
 * started again on what it had on disk.
 */
import { rm } from 'node:fs/promises'
import { type BrowserContext, type BrowserType, expect, type LaunchOptions } from '@playwright/test'
import type { Host } from '../../protocol/status.js'
import { bindToHost } from './hosts.js'
import { browserOf, isAlive, killTree, resumeTree, stopTree } from './processes.js'
import { openPage, type Tab, type TabPlace } from './tab.js'

export interface Profile {
  /** Starts the browser, unless it runs. */
  launch(): Promise<void>
  openTab(name: string): Promise<Tab>
  readonly context: BrowserContext
  /** The browser's process. */
  readonly pid: number
  /** The machine sleeps: none of its processes runs until it wakes. The driver must not ask anything. */
  sleep(): void
  wake(): void
  /** kill -9 of the browser and of every process under it. */
  kill(): Promise<void>
  close(): Promise<void>
}

export interface ProfileOptions {
  readonly browserType: BrowserType
  readonly launchOptions: LaunchOptions
  readonly folder: string
  readonly place: TabPlace
  readonly host: Host
}

export function createProfile({
  browserType,
  launchOptions,
  folder,
  place,
  host,
}: ProfileOptions): Profile {
  let context: BrowserContext | undefined

  function launched(): BrowserContext {
    if (!context) throw new Error('launch first')
    return context
  }

  function running(): number {
    const pid = browserOf(folder)
    if (pid === undefined) throw new Error('the browser does not run')
    return pid
  }

  async function end(): Promise<void> {
    const old = context
    context = undefined
    const pid = browserOf(folder)
    if (pid === undefined) return
    const closed = old?.waitForEvent('close')
    killTree(pid)
    await closed
    await expect.poll(() => isAlive(pid), { message: 'the browser is gone' }).toBe(false)
  }

  return {
    async launch() {
      if (context) return
      context = await browserType.launchPersistentContext(folder, launchOptions)
      await bindToHost(context, host)
    },
    get context() {
      return launched()
    },
    get pid() {
      return running()
    },
    sleep: () => stopTree(running()),
    wake: () => resumeTree(running()),
    openTab: async (name) => openPage(launched(), name, place),
    kill: end,
    async close() {
      await context?.close()
      await end()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

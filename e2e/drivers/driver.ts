/**
 * Owns the port through which specs drive a browser, whichever it is: its pages, its workers, its
 * death. Everything else that a spec does to a page, the page does for it (page/tab.ts).
 *
 * What a driver cannot do, it lists (scripts/engines.js); a test that needs it says so with a tag and
 * does not run there.
 */
import type { BrowserContext } from '@playwright/test'
import type { Host } from '../../protocol/status.js'

export interface Driver {
  /** A browser with nothing on its disk; with a folder: on the profile that lies there. */
  open(folder?: string): Promise<Browser>
  close(): Promise<void>
}

export interface Browser {
  /** A new tab, loaded. */
  openPage(url: string): Promise<Page>
  /** The workers in which brokers live, when that is their host. */
  workersIn(host: Host): BrokerWorkers
  readonly disk: Disk
  /** The browser's process; of a browser with a profile only. */
  readonly pid: number
  /** What Playwright calls this browser, for what it alone can do to one. */
  playwright(): BrowserContext
  /** kill -9 of the browser and of every process under it; of a browser with a profile only. */
  kill(): Promise<void>
  close(): Promise<void>
}

export interface Page {
  /** Runs a function in the page. It sees what it is given, and nothing else from here. */
  evaluate<Result, Arg = undefined>(run: Run<Result, Arg>, arg?: Arg): Promise<Result>
  url(): Promise<string>
  goto(url: string): Promise<void>
  goBack(): Promise<void>
  reload(): Promise<void>
  /** Closes the tab without a word to its page. */
  close(): Promise<void>
  /** kill -9 of the process in which the page lives; the tab stays. Resolves with when that was. */
  kill(): Promise<number>
}

export type Run<Result, Arg> = (arg: Arg) => Result | Promise<Result>

/** Before it writes the next time, or in the middle of that, with the disk in its hand. */
export type HangsAt = 'before-a-write' | 'in-a-write'

/** The workers of a browser in which brokers live, from outside. */
export interface BrokerWorkers {
  /** An id is that of one life. */
  ids(): Promise<readonly string[]>
  /** Ends one of them, if there is any. */
  kill(): Promise<unknown>
  /** One of them runs in an endless loop from there on; what has no disk, at once. */
  hang(at: HangsAt): Promise<void>
  /** The wall clock of one of them is so far ahead from now on, and its monotonic clock is not. */
  jumpWallClock(ms: number): Promise<void>
}

/** What a person, or a disk, may do to what an origin has stored. */
export interface Disk {
  /** Takes the databases of the origin away, as "clear site data" does. */
  clear(origin: string): Promise<void>
  /** Bytes for all storage of the origin; nothing: as much as there is. */
  limit(origin: string, bytes?: number): Promise<void>
}

/** What stands where a driver has no way to do something: no test that needs it may get there. */
export function lacking(what: string): never {
  throw new Error(`this driver cannot ${what}: the test needs a tag of scripts/engines.js`)
}

/**
 * Owns the name of a line. Whatever belongs to a line, its worker, locks and database, is named by
 * it, and two lines or two identities never share any of these (P13).
 */
import type { Version } from './version.js'

export interface LineAddress {
  /** The WebSocket's absolute URL. */
  readonly url: string
  /** Whose data; absent = anonymous. */
  readonly identity?: string | undefined
}

export function lineName({ url, identity }: LineAddress): string {
  return `partyline:${JSON.stringify(identity === undefined ? [url] : [url, identity])}`
}

/** The lock that a tab holds while it is attached; a grant to anybody else certifies its death (P12). */
export const tabLockName = (line: string, tab: string): string => `${line}:tab:${tab}`

/** The lock of whoever drives the socket and the outbox (P1). */
export const lineLockName = (line: string): string => `${line}:line`

/** The lock of whoever serves the tabs that have no SharedWorker (P1, F13). */
export const leaderLockName = (line: string): string => `${line}:leader`

/** The lock of the dedicated worker of a leader tab, for as long as it lives (P12). */
export const reignLockName = (line: string): string => `${line}:reign`

/** Which worker of a line: see lives.ts for what a generation is. */
export interface WorkerAddress {
  readonly generation: number
  /** The same generation once more, where a worker of that name was made with other options. */
  readonly isSpare: boolean
}

export const workerName = (line: string, { generation, isSpare }: WorkerAddress): string =>
  `${line}${generation ? `#${generation}` : ''}${isSpare ? '~' : ''}`

/**
 * What the workers of one version are named by: under one address two versions of the script may run
 * at a time, and their names are what tells them apart (F8).
 */
export const versionName = (line: string, { contract, release }: Version): string =>
  `${line}@${contract}.${release}`

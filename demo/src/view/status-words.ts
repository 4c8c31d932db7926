/**
 * Owns the short words about the line beside the library's own sentence. Pure.
 */
import type { Status } from 'partyline'

export type Tone = 'good' | 'busy' | 'bad'

export function toneOf({ state }: Pick<Status, 'state'>): Tone {
  switch (state) {
    case 'online':
      return 'good'
    case 'connecting':
    case 'reconnecting':
      return 'busy'
    case 'offline':
    case 'unauthorized':
    case 'stopped':
      return 'bad'
  }
}

/** What a person may do about it, if anything. */
export function cureOf(status: Status): 'try-now' | 'go-on' | 'reload' | undefined {
  if ('cause' in status && status.cause === 'superseded') return 'reload'
  if (isPaused(status)) return 'go-on'
  return status.state === 'online' || status.state === 'connecting' ? undefined : 'try-now'
}

/** By a person, not by the app's own rule. */
export const isPaused = (status: Status): boolean =>
  status.state === 'offline' && status.reasons.includes('user')

export const queuedWords = (queued: number): string =>
  queued === 0 ? 'Nothing waiting' : `${queued} waiting`

export const tabsWords = (tabs: number): string => (tabs === 1 ? '1 tab' : `${tabs} tabs`)

export const latencyWords = (status: Status): string =>
  status.state === 'online' && status.latency !== undefined
    ? `${status.latency < 10 ? status.latency.toFixed(1) : Math.round(status.latency)} ms`
    : '–'

const HOSTS: Readonly<Record<Status['host'], string>> = {
  'shared-worker': 'Shared worker',
  'leader-tab': 'Leading tab',
  page: 'This page',
}
export const hostWords = (status: Pick<Status, 'host'>): string => HOSTS[status.host]

export const storageWords = (status: Pick<Status, 'storage'>): string =>
  status.storage === 'disk' ? 'On disk' : 'In memory only'

/** Why what waits is not on disk, and what that asks of a person; undefined: it is on disk. */
export function memoryWords({
  storage,
  storageError,
}: Pick<Status, 'storage' | 'storageError'>): string | undefined {
  if (storage === 'disk') return undefined
  const why =
    storageError?.code === 'quota'
      ? 'The disk is full'
      : 'This browser does not let the page keep anything on disk'
  return `${why}, so what waits is kept in memory. Leave a tab open until all has arrived.`
}

export function agoWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 5) return 'just now'
  return `${spanWords(ms)} ago`
}

/** A length of time in round numbers. */
export function spanWords(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`
}

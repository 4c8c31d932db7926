/** Owns the authors, effects and readings that the contract suite of the logs is written with. */
import type { EventId } from '../../protocol/ids.js'
import type { Author, Effect, Log, Page } from './log.js'

export const author = (seq: number, changes: Partial<Author> = {}): Author => ({
  client: 'ann',
  lane: 'lane',
  epoch: 1,
  seq,
  key: `key-${changes.epoch ?? 1}-${seq}`,
  lowest: 1,
  ...changes,
})
export const says = (...payloads: string[]): Effect => ({
  publish: payloads.map((payload) => ({ channel: 'board', payload })),
  answer: 'last-id',
})
export const NOTHING: Effect = { publish: [], answer: { ok: true } }
export const REFUSES: Effect = { publish: [], answer: { ok: false, code: 'no', why: 'because' } }

export const start = { id: '' as EventId }
export function payloadsOf(page: Page): string[] {
  if (page.state === 'gap') throw new Error(`a gap: ${page.reason}`)
  return page.events.map(([, payload]) => payload)
}

/** All payloads of the channel `board`, oldest first. */
export const everything = async (log: Log): Promise<string[]> =>
  payloadsOf(await log.read('board', start, 9999))

/**
 * Owns the question who still lives of those who wrote to the lifeboat, where every page has a broker of
 * its own. Elsewhere the one broker knows an operation by its key, whoever hands it over; here the
 * server would meet two clients with the same operation, and to send it for a page that lives would be
 * to send it twice (P3).
 */
import type { OpenBroadcast } from '../../protocol/hub.js'
import type { Key } from '../../protocol/ids.js'

type Word = { readonly whose: readonly Key[] } | { readonly mine: readonly Key[] }

export interface RollCall {
  /** Calls `run` with those keys for which nobody has answered in time. */
  ask(keys: readonly Key[], run: (orphans: readonly Key[]) => void): void
  close(): void
}

export interface RollCallOptions {
  readonly line: string
  readonly openBroadcast: OpenBroadcast | null
  after(ms: number, run: () => void): () => void
  isOwn(key: Key): boolean
}

/** Long for a page that answers, short for somebody who has just opened one. */
const ANSWER_MS = 1_000

export function createRollCall(options: RollCallOptions): RollCall {
  const { openBroadcast, after, isOwn } = options
  const living = new Set<Key>()
  let isClosed = false
  const channel = openBroadcast?.(`${options.line}:roll`, (message) => {
    const word = message as Word
    if ('mine' in word) for (const key of word.mine) living.add(key)
    else channel?.post({ mine: word.whose.filter(isOwn) } satisfies Word)
  })
  return {
    ask(keys, run) {
      channel?.post({ whose: keys } satisfies Word)
      after(ANSWER_MS, () => isClosed || run(keys.filter((key) => !living.has(key))))
    },
    close() {
      isClosed = true
      channel?.close()
    },
  }
}

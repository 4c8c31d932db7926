/**
 * Owns the question who still lives of those who wrote to the lifeboat, where every page has a broker of
 * its own. Elsewhere the one broker knows an operation by its key, whoever hands it over; here the
 * server would meet two clients with the same operation, and to send it for a page that lives would be
 * to send it twice (P3).
 */
import type { OpenBroadcast } from '../../protocol/hub.js'
import type { Key } from '../../protocol/ids.js'

/**
 * Who asks draws a lot, so that of those who ask for the same one is left. Who has it has the lowest. All
 * hear an answer, so it bears its lot too: who has to give way himself shall not strike whom he gives way to.
 */
interface Word {
  readonly keys: readonly Key[]
  readonly lot: number
  readonly isAnswer?: true
}

export interface RollCall {
  /** Calls `run` with those keys for which nobody has answered in time. */
  ask(keys: readonly Key[], run: (orphans: readonly Key[]) => void): void
  close(): void
}

export interface RollCallOptions {
  readonly line: string
  readonly openBroadcast: OpenBroadcast | null
  after(ms: number, run: () => void): () => void
  random(): number
  /** This page has it: its own, or one that it has taken over. */
  isOwn(key: Key): boolean
}

/** Long for a page that answers, short for somebody who has just opened one. */
const ANSWER_MS = 1_000
const HAS_IT = -1

export function createRollCall(options: RollCallOptions): RollCall {
  const { openBroadcast, after, random, isOwn } = options
  const own = random()
  /** What is asked for now and nobody has answered for, a set a question. */
  const questions = new Set<Set<Key>>()
  let isClosed = false
  const channel = openBroadcast?.(`${options.line}:roll`, (message) => {
    const { keys, lot, isAnswer } = message as Word
    if (!isAnswer) {
      answer(keys.filter(isOwn), HAS_IT)
      if (own < lot) answer(keys.filter(isWanted), own)
    }
    if (lot >= own) return
    for (const question of questions) for (const key of keys) question.delete(key)
  })

  const isWanted = (key: Key): boolean => [...questions].some((question) => question.has(key))

  function answer(keys: readonly Key[], lot: number): void {
    if (keys.length) channel?.post({ keys, lot, isAnswer: true } satisfies Word)
  }

  return {
    ask(asked, run) {
      const keys = new Set(asked)
      questions.add(keys)
      channel?.post({ keys: asked, lot: own } satisfies Word)
      after(ANSWER_MS, () => {
        questions.delete(keys)
        if (!isClosed) run([...keys])
      })
    },
    close() {
      isClosed = true
      channel?.close()
    },
  }
}

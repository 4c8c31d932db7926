/**
 * Owns one question for a token, put to one source after the other. Whoever is silent for a while gets
 * company: the next one is asked too, or a few frozen tabs would use up the time that a hello has (P12).
 *
 * The first token ends the question. What is answered later is not heard, because it may be older.
 */
import type { TokenReply } from '../../protocol/port.js'
import { TOKEN_MAX } from '../../protocol/wire/limits.js'
import type { Clock } from '../clock.js'

/** Somebody who may have a token. Never rejects, but may never answer. */
export interface TokenSource {
  token(): Promise<TokenReply>
}

export interface TokenQuestion {
  /** `null` also when nobody is there, or nobody has answered in time. */
  readonly answer: Promise<TokenReply>
  /** Those who have not been asked yet are the next. */
  add(sources: readonly TokenSource[]): void
  /** It is nobody's business any more: the answer is `null`. */
  drop(): void
}

export interface TokenQuestionOptions {
  readonly clock: Pick<Clock, 'after'>
  readonly sources: readonly TokenSource[]
  /** Who has been silent, kept over all questions. */
  readonly silent: Pick<WeakSet<TokenSource>, 'add' | 'delete'>
}

/** Three sources have been asked when a hello has to go (line-token.ts). */
const COMPANY_MS = 2_500
/** An app may have to reach a server of its own, over a network that is just coming back. */
const LIMIT_MS = 30_000

export function askForToken({ clock, sources, silent }: TokenQuestionOptions): TokenQuestion {
  const asked = new Set<TokenSource>()
  let queue: readonly TokenSource[] = sources
  let awaited = 0
  let hasFailed = sources.length === 0
  let stopWaiting: (() => void) | undefined
  let isOver = false
  let resolve = (_: TokenReply): void => {}
  const answer = new Promise<TokenReply>((settle) => {
    resolve = settle
  })

  function end(reply: TokenReply): void {
    isOver = true
    stopWaiting?.()
    stopLimit()
    resolve(reply)
  }

  function next(): void {
    stopWaiting?.()
    stopWaiting = undefined
    const [source, ...rest] = queue
    if (isOver) return
    if (!source) return awaited ? undefined : end(hasFailed ? null : undefined)
    queue = rest
    asked.add(source)
    awaited += 1
    stopWaiting = clock.after(COMPANY_MS, () => {
      silent.add(source)
      next()
    })
    void source.token().then((reply) => {
      silent.delete(source)
      awaited -= 1
      // The wire ends the connection of whoever sends a longer one.
      if (typeof reply === 'string' && reply.length <= TOKEN_MAX) return end(reply)
      hasFailed ||= reply === null
      next()
    })
  }

  const stopLimit = clock.after(LIMIT_MS, () => end(null))
  next()

  return {
    answer,
    add(more) {
      queue = more.filter((source) => !asked.has(source))
      // All who were asked are silent: nobody else would ask the next one.
      if (!stopWaiting) next()
    },
    drop: () => end(null),
  }
}

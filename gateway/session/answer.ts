/**
 * Owns what a client is told of an operation: pure functions from what became of it to an answer, and
 * from an answer to its frame.
 */
import type { DownFrame } from '../../protocol/wire/frames-down.js'
import type { Settlement } from '../log/log.js'
import { Unauthorized } from '../unauthorized.js'

/** What became of an operation: settled one way or another, or failed for now with an error. */
export type Outcome =
  | { readonly settlement: Settlement }
  | { readonly settlement?: undefined; readonly error: unknown }

export type Reply =
  | { readonly kind: 'ack'; readonly result?: string }
  | { readonly kind: 'drop'; readonly code: string; readonly why?: string }
  /** Not settled: once more after a while, or with a fresher token. */
  | { readonly kind: 'retry'; readonly after: number }
  | { readonly kind: 'auth'; readonly after: number; readonly why?: string }

/** What settles the operation, or refuses its number; undefined: it has to come again. */
export function answerTo(settled: Settlement, isBehind: boolean): Reply | undefined {
  if (settled.state === 'misnumbered') {
    // An operation before it in its lane waits to be sent again: that is why.
    if (settled.why === 'out-of-order' && isBehind) return undefined
    return { kind: 'drop', code: settled.why, why: `expected number ${settled.expected}` }
  }
  if (settled.state === 'forgotten') {
    return {
      kind: 'drop',
      code: 'outcome-unknown',
      why: 'settled so long ago that it is forgotten',
    }
  }
  const { answer } = settled
  if (!answer) return { kind: 'ack' }
  if (answer.ok)
    return answer.result === undefined ? { kind: 'ack' } : { kind: 'ack', result: answer.result }
  const { code, why } = answer
  return why === undefined ? { kind: 'drop', code } : { kind: 'drop', code, why }
}

const RETRY_MS = 1_000
const RETRY_MAX_MS = 30_000

/** How long to wait after the first, second… failure in a row. */
const patienceAfter = (failures: number): number =>
  failures < 1 ? 0 : Math.min(RETRY_MS * 2 ** (failures - 1), RETRY_MAX_MS)

/** What an operation that failed for now, for the so-manieth time in a row, is told. */
export function answerToFailure(error: unknown, failures: number): Reply {
  if (!(error instanceof Unauthorized)) return { kind: 'retry', after: patienceAfter(failures) }
  // The first time only the token is in the way; an app that is never content must not be a loop.
  const after = Math.max(error.after ?? 0, patienceAfter(failures - 1))
  return { kind: 'auth', after, ...(error.why !== undefined && { why: error.why }) }
}

interface Numbered {
  readonly lane: string
  readonly epoch: number
  readonly seq: number
}

/** The frame of every reply but an ack, which others share. */
export function nackFor(
  { lane, epoch, seq }: Numbered,
  reply: Exclude<Reply, { kind: 'ack' }>,
): DownFrame {
  const number = { lane, epoch, seq }
  if (reply.kind === 'retry') {
    const { after } = reply
    return ['nack', { ...number, verdict: 'retry', code: 'not-now', after, spread: after }]
  }
  const why = reply.why === undefined ? {} : { why: reply.why }
  if (reply.kind === 'drop')
    return ['nack', { ...number, verdict: 'drop', code: reply.code, ...why }]
  const wait = reply.after ? { after: reply.after, spread: reply.after } : {}
  return ['nack', { ...number, verdict: 'auth', code: 'auth', ...why, ...wait }]
}

/** Owns what a client is told of a settlement: a pure function, one case each. */
import type { Settlement } from '../log/log.js'

export type Reply =
  | { readonly kind: 'ack'; readonly result?: string }
  | { readonly kind: 'drop'; readonly code: string; readonly why?: string }
  | { readonly kind: 'retry' }

/** `isBehind`: an operation before this one in its lane waits to be sent again. */
export function answerTo(settled: Settlement, isBehind: boolean): Reply {
  if (settled.state === 'misnumbered') {
    if (settled.why === 'out-of-order' && isBehind) return { kind: 'retry' }
    return { kind: 'drop', code: settled.why, why: `expected number ${settled.expected}` }
  }
  const { answer } = settled
  if (!answer) return { kind: 'ack' }
  if (answer.ok)
    return answer.result === undefined ? { kind: 'ack' } : { kind: 'ack', result: answer.result }
  const { code, why } = answer
  return why === undefined ? { kind: 'drop', code } : { kind: 'drop', code, why }
}

/**
 * Owns how long the gateway waits for the app's own code. An answer that does not come is a failure
 * like any other: the operation is answered "not now", the connection "try later", and neither a lane
 * nor a hello hangs on a promise that nobody settles (P12, P14).
 */
import type { Clock } from '../environment.js'
import type { MaybePromise } from './operations.js'

export class TookTooLong extends Error {
  override readonly name = 'TookTooLong'
}

/** An answer that is there already is handed on as it is. */
export type Patience = <Value>(
  answer: MaybePromise<Value>,
  onEnded?: (error: TookTooLong) => void,
) => MaybePromise<Value>

export function createPatience(clock: Clock, ms: number): Patience {
  return (answer, onEnded) => {
    if (!(answer instanceof Promise)) return answer
    return new Promise((resolve, reject) => {
      const stop = clock.after(ms, () => {
        const error = new TookTooLong(`no answer within ${ms} ms`)
        reject(error)
        onEnded?.(error)
      })
      answer.then(resolve, reject)
      answer.then(stop, stop)
    })
  }
}

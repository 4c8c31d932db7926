/**
 * Owns "one after the other": a step that takes its time holds up those that come after it, and one
 * that does not is done when the call returns, as long as nothing is held up (P4, P6).
 */
/** Runs a step, which throws nothing; returns what to wait for, if there is something. */
export type InOrder = (step: () => unknown) => Promise<unknown> | undefined

export function createInOrder(): InOrder {
  let tail: Promise<unknown> | undefined
  return (step) => {
    const running = tail ? tail.then(step) : step()
    if (!isPromise(running)) return undefined
    const mine = running.then(() => {
      if (tail === mine) tail = undefined
    })
    tail = mine
    return mine
  }
}

export const isPromise = <T>(value: T | Promise<T>): value is Promise<T> =>
  typeof (value as Partial<Promise<T>> | undefined | null)?.then === 'function'

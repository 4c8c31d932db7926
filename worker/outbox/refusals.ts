/**
 * Owns how an operation is refused (P5). What can never be sent is refused at once; so would any other
 * broker. What finds no room now may find some later, and from the lifeboat another page may hand it over
 * once more, to this broker or to the next: so its sender is told when the disk knows, and from then on
 * nobody begins it.
 *
 * Whoever hands over again may not be the sender, who may be gone without having heard of it. So what is
 * refused then is shown in every tab.
 */
import type { ErrorInfo } from '../../protocol/errors.js'
import type { Outcome } from '../../protocol/port.js'
import type { Endings } from './endings.js'
import type { StoredOperation } from './operation.js'

const FULL = 'outbox-full'

export interface Refusals {
  /** Resolves when its sender may be told. */
  refuse(operation: StoredOperation, error: ErrorInfo, isAgain: boolean): Promise<ErrorInfo>
  close(): void
}

/** Why there was no room for it, if that is how it ended. */
export const refusalIn = (outcome: Outcome): ErrorInfo | undefined =>
  outcome.outcome === 'rejected' && outcome.error.code === FULL ? outcome.error : undefined

export function createRefusals({ keep, note }: Pick<Endings, 'keep' | 'note'>): Refusals {
  let isClosed = false

  function record(
    operation: StoredOperation,
    error: ErrorInfo,
    isAgain: boolean,
  ): Promise<void> | undefined {
    const { key } = operation
    if (error.code === 'bad-option') return undefined
    if (isAgain) return keep(operation, 'rejected', error)
    return error.code === FULL ? note({ key, outcome: 'rejected', error }) : undefined
  }

  return {
    refuse(operation, error, isAgain) {
      const recorded = record(operation, error, isAgain)
      return new Promise((resolve) => {
        const tell = (): void => resolve(error)
        if (!recorded) tell()
        // Whoever has lost the line does not know what its next holder makes of it.
        else recorded.then(tell, () => isClosed || tell())
      })
    },
    close() {
      isClosed = true
    },
  }
}

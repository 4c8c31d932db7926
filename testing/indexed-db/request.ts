/** Owns what one question to a database has come to. It does not know what was asked. */
import { Target } from './event-target.js'
import type { Transaction } from './transaction.js'

export class Request extends Target {
  onsuccess: (() => void) | null = null
  onerror: (() => void) | null = null
  transaction: Transaction | null = null
  readyState: 'pending' | 'done' = 'pending'
  #result: unknown
  #error: DOMException | null = null

  get result(): unknown {
    if (this.readyState === 'pending') throw pending()
    return this.#result
  }

  get error(): DOMException | null {
    if (this.readyState === 'pending') throw pending()
    return this.#error
  }

  settle(result: unknown, error: DOMException | null): void {
    this.readyState = 'done'
    this.#result = result
    this.#error = error
  }

  /** A cursor asks the same question again. */
  unsettle(): void {
    this.readyState = 'pending'
  }
}

/** The opening of a database, or its deletion. */
export class OpenRequest extends Request {
  onupgradeneeded: (() => void) | null = null
  onblocked: (() => void) | null = null
}

const pending = (): DOMException =>
  new DOMException('the request has not been answered', 'InvalidStateError')

/**
 * Owns one connection to a database: what it may begin, and that it lets go only when all that it has
 * begun is over.
 */
import type { DatabaseFile } from './database-file.js'
import type { User } from './engine.js'
import { Target } from './event-target.js'
import type { ObjectStore } from './object-store.js'
import { createShelf, type KeyPath } from './shelf.js'
import { type Mode, Transaction } from './transaction.js'

export class Connection extends Target {
  readonly file: DatabaseFile
  readonly user: User
  readonly version: number
  /** The transaction in which it came to its version, if it was the one to bring it there. */
  upgrade: Transaction | undefined
  #isClosing = false

  constructor(file: DatabaseFile, user: User, version: number) {
    super()
    this.file = file
    this.user = user
    this.version = version
    file.connections.add(this)
  }

  get name(): string {
    return this.file.name
  }

  get objectStoreNames(): readonly string[] {
    return [...this.file.shelves.keys()].sort()
  }

  get isClosing(): boolean {
    return this.#isClosing
  }

  createObjectStore(name: string, { keyPath = null }: { keyPath?: KeyPath } = {}): ObjectStore {
    const { upgrade, file } = this
    if (!upgrade || upgrade.isOver)
      throw new DOMException('only in an upgrade', 'InvalidStateError')
    if (!upgrade.isActive) throw new DOMException('the turn is over', 'TransactionInactiveError')
    if (file.shelves.has(name)) throw new DOMException('it is there', 'ConstraintError')
    file.shelves.set(name, createShelf(keyPath))
    upgrade.keep(() => void file.shelves.delete(name))
    return upgrade.objectStore(name)
  }

  transaction(
    stores: string | readonly string[],
    mode: Mode = 'readonly',
    _options?: object,
  ): Transaction {
    const names = typeof stores === 'string' ? [stores] : stores
    if (this.#isClosing || this.upgrade?.isOver === false)
      throw new DOMException('the connection takes nothing now', 'InvalidStateError')
    if (names.some((name) => !this.file.shelves.has(name)))
      throw new DOMException('there is no such store', 'NotFoundError')
    if (!names.length) throw new DOMException('of what?', 'InvalidAccessError')
    return new Transaction(this, mode, names)
  }

  close(): void {
    this.#isClosing = true
    this.letGo()
  }

  /** From outside: whatever has not been committed is undone. */
  sever(): void {
    if (this.#isClosing) return
    this.abandon()
    this.file.engine.tell(this.user, 'close', () => this.emit({ type: 'close', target: this }))
  }

  /** Nobody is there any more, or nobody is to be. */
  abandon(): void {
    this.#isClosing = true
    for (const one of this.#begun()) one.stop(new DOMException('it was cut off', 'AbortError'))
    this.letGo()
  }

  letGo(): void {
    if (!this.#isClosing || this.#begun().length > 0) return
    if (this.file.connections.delete(this)) this.file.onFree()
  }

  #begun(): readonly Transaction[] {
    return this.file.transactions.filter(({ db }) => db === this)
  }
}

/** Owns what can be asked of one store in one transaction. */
import { clone } from './clone.js'
import { Cursor } from './cursor.js'
import { type DatabaseKey, KeyRange } from './keys.js'
import { Request } from './request.js'
import type { KeyPath, Row, Shelf } from './shelf.js'
import type { Transaction } from './transaction.js'

export class ObjectStore {
  readonly name: string
  readonly transaction: Transaction
  readonly #shelf: Shelf

  constructor(name: string, transaction: Transaction, shelf: Shelf) {
    this.name = name
    this.transaction = transaction
    this.#shelf = shelf
  }

  get keyPath(): KeyPath {
    return this.#shelf.keyPath
  }

  get(query: unknown): Request {
    const range = KeyRange.of(query)
    return this.#read(() => clone(this.#shelf.find(range)[0]?.value))
  }

  getAll(query?: unknown): Request {
    const range = query === undefined ? query : KeyRange.of(query)
    return this.#read(() => this.#shelf.find(range).map(({ value }) => clone(value)))
  }

  getAllKeys(query?: unknown): Request {
    const range = query === undefined ? query : KeyRange.of(query)
    return this.#read(() => this.#shelf.find(range).map(({ key }) => clone(key)))
  }

  openCursor(): Request {
    return this.stepOn(new Request(), undefined)
  }

  /** To the first row behind that key. */
  stepOn(request: Request, behind: DatabaseKey | undefined): Request {
    request.unsettle()
    return this.transaction.ask(
      'read',
      () => {
        const row = this.#shelf.next(behind)
        return { result: row ? new Cursor(this, request, row) : null }
      },
      request,
    )
  }

  put(value: unknown, key?: unknown): Request {
    return this.#write(value, key, () => {})
  }

  add(value: unknown, key?: unknown): Request {
    return this.#write(value, key, (row) => {
      const isTaken = this.#shelf.find(KeyRange.only(row.key)).length > 0
      if (isTaken) throw new DOMException('the key is taken', 'ConstraintError')
    })
  }

  delete(query: unknown): Request {
    return this.#delete(KeyRange.of(query))
  }

  clear(): Request {
    return this.#delete(undefined)
  }

  #read(find: () => unknown): Request {
    return this.transaction.ask('read', () => ({ result: find() }))
  }

  #write(value: unknown, key: unknown, check: (row: Row) => void): Request {
    this.#assertWritable()
    // What is put is what it was in this turn.
    const row = this.#shelf.rowOf(value, key)
    return this.transaction.ask('write', () => {
      check(row)
      return { result: row.key, undo: this.#shelf.put(row) }
    })
  }

  /** Frees room, so it needs none. */
  #delete(range: KeyRange | undefined): Request {
    this.#assertWritable()
    return this.transaction.ask('read', () => ({
      result: undefined,
      undo: this.#shelf.delete(range),
    }))
  }

  #assertWritable(): void {
    const { isActive, mode } = this.transaction
    if (!isActive) throw new DOMException('the turn is over', 'TransactionInactiveError')
    if (mode === 'readonly') throw new DOMException('it only reads', 'ReadOnlyError')
  }
}

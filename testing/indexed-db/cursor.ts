/** Owns one way through a store, row by row: every step answers the one request anew. */
import { clone } from './clone.js'
import type { ObjectStore } from './object-store.js'
import type { Request } from './request.js'
import type { Row } from './shelf.js'

export class Cursor {
  readonly request: Request
  readonly #row: Row
  readonly #source: ObjectStore

  constructor(source: ObjectStore, request: Request, row: Row) {
    this.#source = source
    this.request = request
    this.#row = row
  }

  get key(): unknown {
    return this.#row.key
  }

  get value(): unknown {
    return clone(this.#row.value)
  }

  continue(): void {
    this.#source.stepOn(this.request, this.#row.key)
  }
}

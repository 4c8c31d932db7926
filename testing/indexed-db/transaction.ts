/**
 * Owns one transaction: it takes requests in the turn in which it was made and in those of its answers,
 * answers them one by one, in order, and is committed when a turn has gone by without another one. Until
 * then everything in it can be undone, and is, when anything fails or its user dies.
 *
 * A failed request speaks first, and its transaction in a turn of its own: the platform lets promises
 * come to rest in between, and nothing else.
 */
import type { Connection } from './connection.js'
import { Target } from './event-target.js'
import { ObjectStore } from './object-store.js'
import { Request } from './request.js'
import type { Undo } from './shelf.js'

export interface Answer {
  readonly result: unknown
  readonly undo?: Undo
}

interface Job {
  readonly request: Request
  readonly kind: 'read' | 'write'
  run(): Answer
}

export type Mode = 'readonly' | 'readwrite' | 'versionchange'

const aborted = (): DOMException => new DOMException('the transaction was aborted', 'AbortError')

export class Transaction extends Target {
  readonly db: Connection
  readonly mode: Mode
  readonly objectStoreNames: readonly string[]
  error: DOMException | null = null
  /** Runs on the thread of its user, when it has said what it came to. */
  onOver = (_isDone: boolean): void => {}
  #phase: 'open' | 'committing' | 'over' = 'open'
  #turn: number
  #isWaiting = false
  #needsRoom = false
  readonly #jobs: Job[] = []
  readonly #undos: Undo[] = []
  readonly #stores = new Map<string, ObjectStore>()

  constructor(db: Connection, mode: Mode, names: readonly string[]) {
    super()
    this.db = db
    this.mode = mode
    this.objectStoreNames = names
    this.#turn = db.user.turn()
    db.file.made(this)
    this.#next('transaction')
  }

  get isActive(): boolean {
    return this.#phase === 'open' && this.#turn === this.db.user.turn()
  }

  get isOver(): boolean {
    return this.#phase === 'over'
  }

  objectStore(name: string): ObjectStore {
    if (this.#phase === 'over') throw new DOMException('it is over', 'InvalidStateError')
    const shelf = this.db.file.shelves.get(name)
    const isOurs = this.mode === 'versionchange' || this.objectStoreNames.includes(name)
    if (!shelf || !isOurs) throw new DOMException(`no store "${name}" here`, 'NotFoundError')
    const store = this.#stores.get(name) ?? new ObjectStore(name, this, shelf)
    this.#stores.set(name, store)
    return store
  }

  commit(): void {
    if (!this.isActive) throw new DOMException('it takes no orders now', 'InvalidStateError')
    this.#send()
  }

  abort(): void {
    if (this.#phase !== 'open') throw new DOMException('it is over', 'InvalidStateError')
    this.#end(null)
  }

  ask(kind: Job['kind'], run: Job['run'], request = new Request()): Request {
    if (!this.isActive) throw new DOMException('the turn is over', 'TransactionInactiveError')
    request.transaction = this
    this.#jobs.push({ request, kind, run })
    return request
  }

  /** In an upgrade: stores come and go with it. */
  keep(undo: Undo): void {
    this.#undos.push(undo)
  }

  /** It takes requests in this turn. */
  wake(): void {
    this.#turn = this.db.user.turn()
  }

  /** Whatever was in its way may be over. */
  maybeGoOn(): void {
    if (!this.#isWaiting || this.db.file.inTheWayOf(this)) return
    this.#isWaiting = false
    this.#next('transaction')
  }

  /** From outside; one that is being committed comes too late to be stopped. */
  stop(error: DOMException): void {
    if (this.#phase === 'open') this.#end(error)
  }

  /** Its user died, and the order to commit it with it. */
  recall(): void {
    if (this.#phase === 'committing') this.#phase = 'open'
  }

  #next(what: string): void {
    this.#tell(what, () => this.#goOn())
  }

  #tell(what: string, run: () => void): void {
    this.db.file.engine.tell(this.db.user, what, run)
  }

  #goOn(): void {
    if (this.#phase !== 'open') return
    const { engine, inTheWayOf } = this.db.file
    const earlier = inTheWayOf(this)
    if (earlier) {
      this.#isWaiting = true
      return engine.onHeld(earlier)
    }
    for (let job = this.#jobs.shift(); job; job = this.#jobs.shift()) {
      const { request } = job
      const done = this.#run(job)
      if (done instanceof DOMException) return this.#refuse(request, done)
      if (request.isUnheard('success')) continue
      this.wake()
      succeed(request, done.result)
      return this.#next('request')
    }
    this.#send()
  }

  #run({ kind, run }: Job): Answer | DOMException {
    const ill = this.db.file.engine.ill(kind)
    if (ill) return ill === 'unsaid' ? aborted() : ill
    try {
      const answer = run()
      if (answer.undo) this.#undos.push(answer.undo)
      this.#needsRoom ||= kind === 'write'
      return answer
    } catch (error) {
      if (error instanceof DOMException) return error
      throw error
    }
  }

  #refuse(request: Request, error: DOMException): void {
    this.wake()
    fail(request, error)
    this.#tell('error', () => {
      this.emit({ type: 'error', target: request })
      if (this.#phase === 'open') this.#end(error)
    })
  }

  #send(): void {
    this.#phase = 'committing'
    this.db.file.engine.work('commit', () => this.#commit())
  }

  /** On the engine's own time: its user may hang, or be dead. */
  #commit(): void {
    if (this.#phase !== 'committing') return
    for (let job = this.#jobs.shift(); job; job = this.#jobs.shift()) {
      const { request } = job
      const done = this.#run(job)
      if (done instanceof DOMException) {
        this.#jobs.unshift(job)
        return this.#end(done)
      }
      if (request.isUnheard('success')) continue
      this.#tell('request', () => succeed(request, done.result))
    }
    const ill = this.#needsRoom ? this.db.file.engine.ill('commit') : undefined
    if (ill) return this.#end(ill === 'unsaid' ? null : ill)
    this.#phase = 'over'
    this.db.file.over(this)
    this.#tell('complete', () => {
      this.emit({ type: 'complete', target: this })
      this.onOver(true)
    })
  }

  /** Undone; what waits in it fails, the first for this reason if it was the first to fail. */
  #end(error: DOMException | null): void {
    const wasCommitting = this.#phase === 'committing'
    this.#phase = 'over'
    this.error = error
    for (const undo of this.#undos.splice(0).reverse()) undo()
    this.db.file.over(this)
    for (const [index, { request }] of this.#jobs.splice(0).entries()) {
      const why = (wasCommitting && index === 0 && error) || aborted()
      this.#tell('error', () => {
        fail(request, why)
        this.emit({ type: 'error', target: request })
      })
    }
    this.#tell('abort', () => {
      this.emit({ type: 'abort', target: this })
      this.onOver(false)
    })
  }
}

function succeed(request: Request, result: unknown): void {
  request.settle(result, null)
  request.emit({ type: 'success', target: request })
}

function fail(request: Request, error: DOMException): void {
  request.settle(undefined, error)
  request.emit({ type: 'error', target: request })
}

/**
 * Owns who listens to what a request, a transaction or a connection says. The platform's own event
 * targets would run on when a listener throws; here a listener that throws ends the test.
 */
export interface DatabaseEvent {
  readonly type: string
  readonly target: unknown
  readonly oldVersion?: number
  /** null: the database is to be deleted. */
  readonly newVersion?: number | null
  preventDefault?(): void
}

export type Listener = (event: DatabaseEvent) => void

export class Target {
  readonly #listeners = new Map<string, readonly Listener[]>()

  addEventListener(type: string, run: Listener): void {
    this.#listeners.set(type, [...this.#of(type), run])
  }

  removeEventListener(type: string, run: Listener): void {
    this.#listeners.set(
      type,
      this.#of(type).filter((one) => one !== run),
    )
  }

  /** Nobody could tell when, or whether, it said so. */
  isUnheard(type: string): boolean {
    return this.#of(type).length === 0
  }

  emit(event: DatabaseEvent): void {
    for (const run of this.#of(event.type)) run(event)
  }

  #of(type: string): readonly Listener[] {
    const found = this.#listeners.get(type) ?? []
    const own: unknown = Reflect.get(this, `on${type}`)
    return typeof own === 'function' ? [...found, (event) => own.call(this, event)] : found
  }
}

/** Owns the count of the dedicated workers that this page has started and not ended. */
let living = 0

globalThis.Worker = class extends Worker {
  constructor(...from: ConstructorParameters<typeof Worker>) {
    super(...from)
    living += 1
  }
  override terminate(): void {
    super.terminate()
    living -= 1
  }
}

export const livingWorkers = (): number => living

/** Owns what a soak leaves behind, for the verdict and for the picture. Plain data. */

/** Bytes, after a collection. */
export interface Sample {
  readonly minute: number
  readonly tabs: number
  /** Undefined: it could not be weighed, for it was dead just then. */
  readonly worker: number | undefined
  /** The tab that lives for the whole of it. */
  readonly resident: number
  /** What JavaScript holds in the gateway's process, and what the process has of the machine. */
  readonly gateway: number
  readonly process: number
}

export interface Result {
  readonly seed: number
  readonly minutes: number
  readonly samples: readonly Sample[]
  readonly deaths: readonly { readonly who: 'worker' | 'gateway'; readonly minute: number }[]
  /** From this minute on they lived, warm, and with all their bounded memories full. */
  readonly workerSince: number
  readonly gatewaySince: number
  /** Tabs, reloads counted. */
  readonly lives: number
  /** That the resident saw. */
  readonly events: number
  readonly totals: Readonly<Record<'signals' | 'handled' | 'answered' | 'unanswered', number>>
  readonly complaints: readonly string[]
}

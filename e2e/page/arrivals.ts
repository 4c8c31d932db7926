/** Owns how the page under test came to be shown, as the browser tells it: anew, or out of its back/forward cache. */
import type { Shown } from './tab-api.js'

/** What the library's types do not know yet. */
interface Arrival extends PerformanceEntry {
  readonly notRestoredReasons?: { readonly reasons: readonly { reason: string }[] | null } | null
}

export function writeArrivals(shown: Shown[]): void {
  addEventListener('pageshow', ({ persisted }) => {
    const [arrival] = performance.getEntriesByType('navigation') as readonly Arrival[]
    const reasons = arrival?.notRestoredReasons?.reasons?.map(({ reason }) => reason) ?? null
    shown.push({ isPersisted: persisted, reasons })
  })
}

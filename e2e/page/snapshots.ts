/** Owns the snapshots that an app would fetch, as a spec has planned them. */
import type { Snapshot, SnapshotRequest } from 'partyline'
import type { SnapshotPlan } from './tab-api.js'

export function snapshotOf(plan: SnapshotPlan): (request: SnapshotRequest) => Promise<Snapshot> {
  if ('url' in plan) return async ({ signal }) => (await fetch(plan.url, { signal })).json()
  let step = 0
  return async () => {
    const now = plan[Math.min(step++, plan.length - 1)]
    if (now === 'hangs') return new Promise<never>(() => {})
    if (now === 'fails' || !now) throw new Error('no snapshot, as planned')
    return now
  }
}

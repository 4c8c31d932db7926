/** Owns the end of patience: what is not done in time fails, so that nothing waits for ever for a page that is gone. */
import { setTimeout as pause } from 'node:timers/promises'

export async function within<Result>(ms: number, work: Promise<Result>): Promise<Result> {
  const timer = new AbortController()
  const late = pause(ms, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`not done within ${ms} ms`)
  })
  late.catch(() => {})
  try {
    return await Promise.race([work, late])
  } finally {
    timer.abort()
  }
}

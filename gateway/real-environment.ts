/** Owns the globals behind the gateway's environment: clock, timers, randomness. */
import { randomUUID } from 'node:crypto'
import type { Clock, Random } from './environment.js'

export const realClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

export const realRandom: Random = { roll: () => Math.random(), newId: () => randomUUID() }

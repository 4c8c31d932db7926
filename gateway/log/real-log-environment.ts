/** Owns the globals that the embedded log needs: wall clock, end of turn, randomness. */
import { randomUUID } from 'node:crypto'

export interface SqliteLogEnvironment {
  readonly now: () => number
  readonly turn: (run: () => void) => void
  readonly newEpoch: () => string
}

export const realLogEnvironment: SqliteLogEnvironment = {
  now: () => Date.now(),
  turn: (run) => void setImmediate(run),
  newEpoch: () => randomUUID(),
}

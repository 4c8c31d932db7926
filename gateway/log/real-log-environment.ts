/** Owns the globals that the embedded log needs: wall clock, end of turn, randomness. */
import { randomUUID } from 'node:crypto'
import type { SqliteLogEnvironment } from './sqlite-log.js'

export const realLogEnvironment: SqliteLogEnvironment = {
  now: () => Date.now(),
  turn: (run) => void setImmediate(run),
  newEpoch: () => randomUUID(),
}

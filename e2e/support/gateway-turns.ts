/** Owns the deaths and resurrections of a gateway's process: one at a time, whoever asks. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Gateway } from './gateway.js'

export interface GatewayTurns {
  /** kill -9. Resolves when it is dead; it comes back a little later by itself. */
  kill(): Promise<void>
  /** Resolves when it runs again, if it does not. */
  settled(): Promise<void>
}

const BACK_AFTER_MS = 100

export function createGatewayTurns(gateway: Gateway): GatewayTurns {
  let last: Promise<void> = Promise.resolve()

  return {
    kill() {
      const dead = last.then(() => gateway.kill())
      last = dead.then(() => pause(BACK_AFTER_MS)).then(() => gateway.start())
      return dead
    },
    settled: () => last,
  }
}

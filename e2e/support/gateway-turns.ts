/** Owns the deaths and resurrections of a gateway's process: one at a time, whoever asks. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Gateway } from './gateway.js'

export interface GatewayTurns {
  /** kill -9. Resolves when it is dead; it comes back a little later by itself. */
  kill(): Promise<void>
  /** SIGTERM: it sends everybody away first. Resolves and comes back as after a kill. */
  drain(): Promise<void>
  /** Resolves when it runs again, if it does not. */
  settled(): Promise<void>
}

const BACK_AFTER_MS = 100

export function createGatewayTurns(gateway: Gateway): GatewayTurns {
  let last: Promise<void> = Promise.resolve()

  function end(by: () => Promise<unknown>): Promise<void> {
    const dead = last.then(by).then(() => {})
    last = dead.then(() => pause(BACK_AFTER_MS)).then(() => gateway.start())
    return dead
  }

  return {
    kill: () => end(gateway.kill),
    drain: () => end(gateway.stop),
    settled: () => last,
  }
}

/** Owns the troubles of a session that are more than one word to somebody: what they do, and when they are over. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Gateway } from '../support/gateway.js'
import type { GatewayTurns } from '../support/gateway-turns.js'
import type { Network } from '../support/network.js'
import { browserOf, renderersOf } from '../support/processes.js'
import type { Channels } from './channels.js'
import type { ChannelName } from './plan.js'
import type { Fact } from './story.js'

export interface Troubles {
  /** A page or a worker stands still, and goes on: by its own process, for Chromium freezes no page on demand. */
  stall(which: number, forMs: number): void
  /** The gateway's log is gone. */
  emptyGateway(): Promise<void>
  /** More than a connection bears is published, and trimmed before it is sent. */
  flood(channel: ChannelName, payloads: readonly string[], length: number): Promise<void>
  /** Resolves when all have passed that pass by themselves. */
  settled(): Promise<void>
}

export interface TroublesOptions {
  /** The browser's profile. */
  readonly folder: string
  readonly gateway: Gateway
  readonly turns: GatewayTurns
  readonly network: Network
  readonly channels: Channels
  record(fact: Fact): void
}

/** What is left of a flood. */
const LEFT = 2

export function createTroubles(options: TroublesOptions): Troubles {
  const { folder, gateway, turns, network, channels, record } = options
  const stalls = new Set<Promise<void>>()

  return {
    stall(which, forMs) {
      const pid = browserOf(folder)
      const renderers = pid === undefined ? [] : renderersOf(pid)
      const one = renderers[which % renderers.length]
      if (one === undefined) return
      const send = (signal: NodeJS.Signals): void => {
        try {
          process.kill(one, signal)
        } catch {
          // It has ended.
        }
      }
      send('SIGSTOP')
      const over = pause(forMs).then(() => send('SIGCONT'))
      stalls.add(over)
    },
    async emptyGateway() {
      await turns.settled()
      await channels.settled()
      // What the log had is written down first, and nobody adds to it meanwhile.
      network.cut()
      await gateway.stop()
      await gateway.start()
      await channels.logs()
      await gateway.empty()
      record({ fact: 'emptied' })
      network.pass()
    },
    async flood(channel, payloads, length) {
      await turns.settled()
      network.blackhole('down')
      channels.publish(
        channel,
        payloads.map((payload) => payload.padEnd(length, '.')),
      )
      await channels.settled()
      await channels.trim(channel, LEFT)
      network.pass()
    },
    async settled() {
      await Promise.all(stalls)
    },
  }
}

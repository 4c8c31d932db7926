/**
 * Owns the hub's side of a broker: tabs that have no port to it name a channel, and each gets a surface
 * of the one broker over its own. At any time one host serves the hub of a line, the holder of the
 * leader lock (P1).
 *
 * A SharedWorker serves it too, before any leader tab: so a page that cannot reach the SharedWorker
 * shares the line with those that can, and one that came up late gets the line (F5). But only while it
 * stays on the line: what is over, or replaced, must not keep the hub from whoever is not (P12).
 */
import { createChannelPort } from '../../protocol/channel-port.js'
import {
  HUNG_UP,
  type HubWord,
  hubName,
  type OpenBroadcast,
  portName,
  type Ready,
} from '../../protocol/hub.js'
import { leaderLockName } from '../../protocol/line-name.js'
import { bereave } from '../bereave.js'
import type { Broker } from '../broker.js'
import type { Clock } from '../clock.js'
import type { Locks } from '../tabs/locks.js'
import { servePort } from './serve-port.js'

export interface HubOptions {
  readonly broker: Broker
  readonly openBus: OpenBroadcast
  newId(): string
}

export interface ClaimOptions extends HubOptions {
  readonly clock: Pick<Clock, 'after'>
  readonly locks: Locks
}

const SAY_AGAIN_MS = 1_000

/** Serves the hub from now on; returns its own undo. */
export function serveHub({ broker, openBus, newId }: HubOptions, line: string): () => void {
  const host = newId()
  const hangUps = new Map<string, () => void>()

  function connect(port: string): void {
    // Said again by a tab that has heard of us and not yet our answer.
    if (hangUps.has(port)) return
    const channel = openBus(portName(line, port), (message) => {
      if (message === HUNG_UP) end.close()
      else end.deliver(message)
    })
    const end = createChannelPort(channel.post, () => {
      hangUps.delete(port)
      channel.close()
    })
    hangUps.set(port, end.close)
    servePort(broker, end, end.close)
    end.postMessage({ ready: host } satisfies Ready)
  }

  const hub = openBus(hubName(line), (message) => {
    const word = message as HubWord
    if (word.kind === 'connect') connect(word.port)
  })
  hub.post({ kind: 'here', host } satisfies HubWord)

  return () => {
    hub.close()
    for (const hangUp of [...hangUps.values()]) hangUp()
  }
}

/** Asks whoever leads now to make room, and serves the hub as soon as it is free; returns its own undo. */
export function claimHub(options: ClaimOptions, line: string): () => void {
  const { clock, locks, openBus } = options
  let isOver = false
  let isServed = false
  const queueing = new AbortController()
  let stop = (): void => {}
  let stopClaim = (): void => {}
  function claim(): void {
    if (isOver || isServed) return
    const hub = openBus(hubName(line), () => {})
    hub.post({ kind: 'claim', by: 'shared-worker' } satisfies HubWord)
    hub.close()
  }
  function ask(): void {
    isServed = false
    // Refused, as in a page that may not have locks, it never comes.
    locks.hold(leaderLockName(line), lost, queueing).then(
      (release) => {
        isServed = true
        stopClaim()
        if (isOver) return release()
        const stopServing = serveHub(options, line)
        stop = () => {
          stopServing()
          release()
        }
      },
      () => stopClaim(),
    )
    // Said when the request has its place, which an answer of the lock manager shows: else whoever makes
    // room would stand in front of it. And again, for whoever got the lead without having heard it.
    locks.holders().then(claim, () => {})
    stopClaim = clock.after(SAY_AGAIN_MS, () => {
      claim()
      bereave(locks, line).catch(() => {})
    })
  }
  /** Whoever took it found us silent, or whoever had it just before: of several that free it one is late. */
  function lost(): void {
    stop()
    if (!isOver) ask()
  }
  ask()
  return () => {
    isOver = true
    queueing.abort()
    stopClaim()
    stop()
  }
}

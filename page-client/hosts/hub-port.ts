/**
 * Owns a tab's port to whoever serves its line over the hub, another version's worker or a leader tab. It
 * does not know what is said over it.
 *
 * What is posted before a host listens waits; when another host says that it is here now, the port of
 * the old one leads nowhere, and the tab has to attach again (P12).
 */
import { type ChannelPort, createChannelPort } from '../../protocol/channel-port.js'
import {
  HUNG_UP,
  type HubWord,
  hubName,
  type OpenBroadcast,
  portName,
  type Ready,
} from '../../protocol/hub.js'
import { uuidv7 } from '../../protocol/ids.js'
import type { PageEnvironment, WorkerHandle } from '../environment.js'

export interface HubPort {
  readonly port: ChannelPort
  /** That host serves the line from now on. Says whether the port leads to it; one that led nowhere will. */
  isStill(host: string): boolean
}

export interface HubPortOptions {
  readonly environment: Pick<PageEnvironment, 'wall' | 'random'>
  readonly line: string
  readonly openBroadcast: OpenBroadcast
}

export interface HubPortEvents {
  say(word: HubWord): void
  onClose(): void
}

export function openHubPort(options: HubPortOptions & HubPortEvents): HubPort {
  const { environment, line, openBroadcast, say } = options
  const name = uuidv7(environment.wall(), environment.random)
  /** Who listens at the other end. */
  let host: string | undefined
  let waiting: unknown[] = []
  const channel = openBroadcast(portName(line, name), (message) => {
    if (host) return port.deliver(message)
    host = (message as Ready).ready
    for (const one of waiting) channel.post(one)
    waiting = []
  })
  const post = (message: unknown): void => {
    if (host) channel.post(message)
    else waiting.push(message)
  }
  const port = createChannelPort(post, () => {
    if (host) channel.post(HUNG_UP)
    channel.close()
    options.onClose()
  })
  const connect = (): void => say({ kind: 'connect', port: name })
  connect()
  return {
    port,
    isStill(other) {
      if (!host) connect()
      return !host || host === other
    },
  }
}

/** For a tab that has a SharedWorker, while the line is in another one (F8): it comes only as a guest. */
export function openGuestPort(options: HubPortOptions & { onMoved(): void }): WorkerHandle {
  const hub = options.openBroadcast(hubName(options.line), (message) => {
    const word = message as HubWord
    if (word.kind === 'here' && !own.isStill(word.host)) options.onMoved()
  })
  const own = openHubPort({ ...options, say: hub.post, onClose: hub.close })
  return { port: own.port, addEventListener() {} }
}

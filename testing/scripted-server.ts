/**
 * Owns the far end of the broker's socket in tests: it records what arrives as a list of frames and
 * says what it is told to. It behaves like a network: nothing arrives in the turn in which it was
 * sent, and nothing after a close.
 */
import type { DownBody, DownFrame } from '../protocol/wire/frames-down.js'
import type { UpBody, UpFrame, UpType } from '../protocol/wire/frames-up.js'

interface Events {
  opened(): void
  received(message: unknown): void
  closed(code: number, why: string): void
}

export interface ServerConnection {
  readonly url: string
  readonly frames: UpFrame[]
  /** The close code that the client gave, once it has. */
  readonly closedByClient: number | undefined
  bodies<Type extends UpType>(type: Type): UpBody<Type>[]
  accept(): Promise<void>
  say(...frames: DownFrame[]): Promise<void>
  sayRaw(message: unknown): Promise<void>
  welcome(more?: Partial<DownBody<'welcome'>>): Promise<void>
  cut(code?: number): Promise<void>
}

export interface ScriptedServer {
  readonly connections: ServerConnection[]
  readonly latest: ServerConnection
  /** How many sockets are open now (P1). */
  readonly open: number
  /** How many were open at a time, at most. */
  readonly mostOpen: number
  openSocket(
    url: string,
    protocol: string,
    events: Events,
  ): { send(text: string): void; close(code: number): void }
}

export const WELCOME: DownBody<'welcome'> = {
  version: 1,
  features: [],
  session: 's1',
  resumed: false,
  limits: { window: 256, payload: 65_536, message: 1_048_576, channels: 1_000 },
  heartbeat: { interval: 25_000, timeout: 10_000 },
  channels: [],
  lanes: [],
  time: 0,
}

/** What a server may offer beyond events and operations: all of it. */
export const FEATURES = ['pages', 'requests', 'signals', 'presence']

export function createScriptedServer(settled: () => Promise<void>): ScriptedServer {
  const connections: ServerConnection[] = []
  let open = 0
  let mostOpen = 0
  return {
    connections,
    get latest() {
      const latest = connections.at(-1)
      if (!latest) throw new Error('nobody has connected yet')
      return latest
    },
    get open() {
      return open
    },
    get mostOpen() {
      return mostOpen
    },
    openSocket(url, _protocol, events) {
      let isOpen = true
      let closedByClient: number | undefined
      open += 1
      mostOpen = Math.max(mostOpen, open)
      const frames: UpFrame[] = []
      const end = (): boolean => {
        if (!isOpen) return false
        isOpen = false
        open -= 1
        return true
      }
      const connection: ServerConnection = {
        url,
        frames,
        get closedByClient() {
          return closedByClient
        },
        bodies: (type) =>
          frames.filter((frame) => frame[0] === type).map((frame) => frame[1]) as never,
        async accept() {
          if (isOpen) events.opened()
          await settled()
        },
        say: (...said) => connection.sayRaw(JSON.stringify(said)),
        async sayRaw(message) {
          if (isOpen) events.received(message)
          await settled()
        },
        async welcome(more = {}) {
          await connection.accept()
          const hello = connection.bodies('hello').at(-1)
          const channels = (hello?.channels ?? []).map(({ channel, cursor }) => ({
            channel,
            state: 'ok' as const,
            epoch: cursor?.epoch ?? ('e1' as never),
            id: cursor?.id ?? ('0' as never),
          }))
          await connection.say(['welcome', { ...WELCOME, channels, ...more }])
        },
        async cut(code = 1006) {
          if (end()) events.closed(code, '')
          await settled()
        },
      }
      connections.push(connection)
      return {
        send(text) {
          if (isOpen) frames.push(...(JSON.parse(text) as UpFrame[]))
        },
        close(code) {
          if (end()) closedByClient = code
        },
      }
    },
  }
}

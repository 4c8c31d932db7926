/**
 * Owns the network between workers and the gateway: sockets that open, carry text in order, each way by
 * itself, and end in every way there is. While it is `silent` nothing arrives and nobody is told; then
 * what was on its way arrives late, or the connections are found to be broken.
 */
import type { Socket as GatewaySocket } from '../../gateway/environment.js'
import type { Connection } from '../../gateway/switchboard.js'
import type { OpenSocket } from '../../worker/connection/socket.js'
import type { Agent } from './agent.js'
import type { Commons } from './commons.js'
import type { Lane, Thread } from './scheduler.js'

export type Reach = 'good' | 'silent' | 'down'

/** Whoever listens at the other end. */
export interface Listener {
  /** undefined: nobody listens. */
  readonly thread: Thread | undefined
  connect(socket: GatewaySocket): Connection
}

export interface Network {
  reach: Reach
  /** The sockets that are open or opening, by whose they are and for which line. */
  readonly open: readonly Pick<Wire, 'agent' | 'url' | 'isWelcome'>[]
  openerOf(agent: Agent): OpenSocket
  /** Every connection breaks, and both sides are told. */
  cut(): void
  /** Nothing arrives from now on. */
  silence(): void
  /** The network works again; `broken`: what was connected is found to be broken. */
  heal(broken: boolean): void
  /** The gateway is gone: its connections break. */
  listenerDied(): void
}

/** The other end, as long as the way to it is open. */
interface Far {
  readonly lane: Lane
  readonly connection: Connection
  unread: number
  isOver: boolean
}

interface Wire {
  readonly agent: Agent
  readonly url: string
  readonly lanes: Lane[]
  isOpen: boolean
  /** Its worker was welcomed on it. */
  isWelcome: boolean
  /** The connection is gone: both sides are told, each in its time. */
  break(): void
}

const GIVEN_UP_MS = 20_000

/** The first frame of a message: `[["ack",`. */
const nameIn = (text: string): string => /^\[\["(\w+)"/.exec(text)?.[1] ?? 'garbage'

export function createNetwork(commons: Commons, listener: Listener): Network {
  const { system, weather } = commons
  const wires = new Set<Wire>()
  let numbers = 0
  let reach: Reach = 'good'

  const openerOf =
    (agent: Agent): OpenSocket =>
    (url, _protocol, events) => {
      const name = `socket ${++numbers}`
      const down = agent.thread.lane(name, weather.network)
      const wire: Wire = { agent, url, lanes: [down], isOpen: true, isWelcome: false, break() {} }
      wires.add(wire)
      let hasEnded = false
      let gone = (): void => {}
      let far: Far | undefined

      function ended(code: number, why: string): void {
        wires.delete(wire)
        wire.isOpen = false
        if (!hasEnded) events.closed(code, why)
        hasEnded = true
        gone()
      }
      /** The far side hears of the end, behind what it was sent before. */
      function farEnds(code: number, then = (): void => {}): void {
        const end = far
        far = undefined
        end?.lane.send(`closed ${code}`, () => {
          if (!end.isOver) end.connection.closed(code)
          end.isOver = true
          then()
        })
      }
      wire.break = () => {
        for (const lane of wire.lanes) {
          lane.sever()
          lane.open()
        }
        farEnds(1006)
        down.send('closed 1006', () => ended(1006, ''))
      }

      function accept(): void {
        const { thread } = listener
        if (!thread || reach === 'down') return down.send('refused', () => ended(1006, ''))
        if (!wire.isOpen) return
        const up = thread.lane(name, weather.network)
        wire.lanes.push(up)
        const socket: GatewaySocket = {
          send(text) {
            if (far) far.unread += text.length
            down.send(nameIn(text), () => {
              if (far) far.unread -= text.length
              if (text.startsWith('[["welcome"')) wire.isWelcome = true
              if (!hasEnded) events.received(text)
            })
          },
          close(code, why) {
            down.send(`closed ${code}`, () => {
              farEnds(code)
              ended(code, why)
            })
          },
          terminate() {
            if (far && !far.isOver) {
              far.isOver = true
              far.connection.closed(1006)
            }
            far = undefined
            down.send('closed 1006', () => ended(1006, ''))
          },
          buffered: () => far?.unread ?? 0,
        }
        far = { lane: up, connection: listener.connect(socket), unread: 0, isOver: false }
        if (reach === 'silent') up.close()
        down.send('opened', () => hasEnded || events.opened())
      }

      agent.onDeath(() => {
        wire.isOpen = false
        wires.delete(wire)
        farEnds(1006)
      })
      if (reach === 'silent') down.close()
      const arriving = system.lane(name, weather.network)
      wire.lanes.push(arriving)
      if (reach === 'silent') arriving.close()
      arriving.send('connects', accept)

      return {
        send(text) {
          const end = far
          if (hasEnded || !end) return
          end.lane.send(nameIn(text), () => {
            if (!end.isOver) end.connection.receive(text)
          })
        },
        close(code) {
          if (hasEnded) return
          hasEnded = true
          wire.isOpen = false
          const closed = new Promise<void>((resolve) => {
            gone = resolve
          })
          // The peer's half of the close comes back, or nothing does and the browser gives up.
          if (far) {
            farEnds(code, () => down.send('closed', () => ended(code, '')))
            agent.thread.after(GIVEN_UP_MS, `${name} is given up`, () => ended(1006, ''))
          } else ended(1006, '')
          return closed
        },
      }
    }

  return {
    get reach() {
      return reach
    },
    set reach(next) {
      reach = next
    },
    get open() {
      return [...wires].filter(({ isOpen }) => isOpen)
    },
    openerOf,
    cut() {
      for (const wire of [...wires]) wire.break()
    },
    silence() {
      reach = 'silent'
      for (const { lanes } of wires) for (const lane of lanes) lane.close()
    },
    heal(broken) {
      reach = 'good'
      for (const wire of [...wires]) {
        if (broken) wire.break()
        else for (const lane of wire.lanes) lane.open()
      }
    },
    listenerDied() {
      for (const wire of [...wires]) wire.break()
    },
  }
}

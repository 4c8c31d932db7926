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
  readonly open: readonly Pick<Wire, 'agent' | 'url' | 'isWelcome' | 'number' | 'begun'>[]
  /** What a worker was told last when it was sent away. */
  readonly farewells: ReadonlyMap<Agent, Told>
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

export interface Told {
  readonly at: number
  /** Of the socket on which it was said. */
  readonly number: number
  readonly code: number
  /** Not before so many milliseconds. */
  readonly after: number
}

interface Wire {
  readonly agent: Agent
  readonly url: string
  readonly number: number
  /** When it began to open. */
  readonly begun: number
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

export function createNetwork(
  commons: Commons,
  listener: Listener,
  onSent: (socket: number, text: string) => void,
): Network {
  const { system, weather, scheduler } = commons
  const wires = new Set<Wire>()
  const farewells = new Map<Agent, Told>()
  let numbers = 0
  let reach: Reach = 'good'

  const openerOf =
    (agent: Agent): OpenSocket =>
    (url, _protocol, events) => {
      const number = ++numbers
      const name = `socket ${number}`
      const down = agent.thread.lane(name, weather.network)
      const wire: Wire = {
        ...{ agent, url, number, begun: scheduler.now },
        ...{ lanes: [down], isOpen: true, isWelcome: false },
        break() {},
      }
      wires.add(wire)
      let hasEnded = false
      let gone = (): void => {}
      let far: Far | undefined

      function ended(code: number, why: string): void {
        wires.delete(wire)
        wire.isOpen = false
        if (!hasEnded) {
          told(code, 0)
          events.closed(code, why)
        }
        hasEnded = true
        gone()
      }
      /** A word counts more than the code that follows it. */
      function told(code: number, after: number): void {
        const isNew = farewells.get(agent)?.number !== number
        if (isNew) farewells.set(agent, { at: scheduler.now, number, code, after })
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
              if (!hasEnded && text.startsWith('[["bye"')) {
                const [[, { code, after = 0 }]] = JSON.parse(text) as [[string, Told]]
                told(code, after)
              }
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
        // Before whatever is said on it.
        down.send('opened', () => hasEnded || events.opened())
        far = { lane: up, connection: listener.connect(socket), unread: 0, isOver: false }
        if (reach === 'silent') up.close()
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
          onSent(number, text)
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
    farewells,
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

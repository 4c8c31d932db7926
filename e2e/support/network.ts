/**
 * Owns the network between a browser and a gateway: a TCP proxy whose weather a test decides. It
 * stands before the server because nothing that a browser offers (offline mode, request routing)
 * reaches a SharedWorker.
 *
 * It knows no WebSocket: what it does to bytes, networks do to bytes.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { CLEAR, createFlow, type Flow, type Path } from './flow.js'

export type Direction = 'up' | 'down' | 'both'

export interface Network {
  readonly port: number
  /** Connections that are open now. */
  readonly connections: number
  /** Connections that were let through since the start. */
  readonly accepted: number
  /** When a browser's end of a connection closed last, whoever closed it. */
  readonly endedAt: number
  /** Connections that were turned away. */
  readonly refused: number
  /** Fair weather again; connections that were cut stay cut. */
  pass(): void
  delay(ms: number): void
  throttle(bytesPerSecond: number): void
  slice(bytes: number): void
  /** From now on nothing arrives in that direction, and neither end is told. */
  blackhole(direction: Direction): void
  /** Nothing arrives any more on connections that are open now, and nobody is told; new ones are let through. */
  forget(): void
  /** New connections are reset; open ones live on. */
  refuse(): void
  /** Open connections are reset; new ones may come. Returns when it happened, in wall-clock ms. */
  reset(): number
  /** The network is gone: open connections are reset, new ones refused. Returns when. */
  cut(): number
  /** Where new connections go: a server that came back may have another port. */
  route(port: number): void
  close(): Promise<void>
}

const LOST: Path = { ...CLEAR, blackhole: true }

interface Pair {
  isForgotten: boolean
  readonly sockets: readonly [Socket, Socket]
  readonly flows: readonly [Flow, Flow]
}

export async function createNetwork(target: number): Promise<Network> {
  const pairs = new Set<Pair>()
  let upstream = target
  let path = { up: CLEAR, down: CLEAR }
  let isRefusing = false
  let accepted = 0
  let endedAt = -Infinity
  let refused = 0

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (browser) => {
    if (isRefusing) {
      refused += 1
      browser.on('error', ignore)
      browser.resetAndDestroy()
      return
    }
    accepted += 1
    for (const end of ['end', 'close']) browser.once(end, ended)
    join(
      browser,
      connect({ port: upstream, host: '127.0.0.1', allowHalfOpen: true, noDelay: true }),
    )
  })

  function ended(): void {
    endedAt = Date.now()
  }

  function join(browser: Socket, gateway: Socket): void {
    const pathOf = (direction: keyof typeof path) => () =>
      pair.isForgotten ? LOST : path[direction]
    const pair: Pair = {
      isForgotten: false,
      sockets: [browser, gateway],
      flows: [
        createFlow(browser, gateway, pathOf('up')),
        createFlow(gateway, browser, pathOf('down')),
      ],
    }
    pairs.add(pair)
    for (const socket of pair.sockets) {
      socket.on('error', () => part(pair))
      socket.on('close', (hadError) => {
        // Both directions have ended, or one end is gone: an orderly end has already been passed on.
        if (hadError || pair.sockets.every(({ destroyed }) => destroyed)) part(pair)
      })
    }
  }

  function part(pair: Pair): void {
    if (!pairs.delete(pair)) return
    for (const flow of pair.flows) flow.close()
    for (const socket of pair.sockets) if (!socket.destroyed) socket.resetAndDestroy()
  }

  function setPath(change: Partial<Path>, direction: Direction = 'both'): void {
    path = {
      up: direction === 'down' ? path.up : { ...path.up, ...change },
      down: direction === 'up' ? path.down : { ...path.down, ...change },
    }
    for (const pair of pairs) for (const flow of pair.flows) flow.changed()
  }

  function reset(): number {
    const at = Date.now()
    for (const pair of [...pairs]) part(pair)
    return at
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return pairs.size
    },
    get accepted() {
      return accepted
    },
    get endedAt() {
      return endedAt
    },
    get refused() {
      return refused
    },
    pass() {
      isRefusing = false
      setPath(CLEAR)
    },
    delay: (delayMs) => setPath({ delayMs }),
    throttle: (bytesPerSecond) => setPath({ bytesPerSecond }),
    slice: (sliceBytes) => setPath({ sliceBytes }),
    blackhole: (direction) => setPath({ blackhole: true }, direction),
    forget() {
      for (const pair of pairs) pair.isForgotten = true
    },
    refuse() {
      isRefusing = true
    },
    reset,
    cut() {
      isRefusing = true
      return reset()
    },
    route(port) {
      upstream = port
    },
    async close() {
      reset()
      if (!server.listening) return
      server.close()
      await once(server, 'close')
    },
  }
}

function ignore(): void {}

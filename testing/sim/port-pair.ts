/**
 * Owns two ends of a MessageChannel between two threads: copies by structured clone, in order, each way
 * by itself; nothing arrives before the listener has started, nothing at an end that was closed, and
 * what a dying thread had posted may be lost from some message on.
 */
import type { Endpoint } from 'comlink'
import type { Delay, Lane, Thread } from './scheduler.js'

export interface PortEnd extends Endpoint {
  start(): void
  close(): void
}

export interface PortPair {
  readonly ends: readonly [PortEnd, PortEnd]
  /** One of the two threads died: so far its words have come. */
  sever(from: Thread): void
}

export function createPortPair(
  name: string,
  threads: readonly [Thread, Thread],
  delay: Delay,
): PortPair {
  const [here, there] = threads
  const first = createEnd()
  const second = createEnd()
  const toFirst = here.lane(name, delay)
  const toSecond = there.lane(name, delay)

  return {
    ends: [first.face(toSecond, second), second.face(toFirst, first)],
    sever: (from) => (from === here ? toSecond : toFirst).sever(),
  }
}

function createEnd() {
  const listeners = new Set<EventListenerOrEventListenerObject>()
  let isStarted = false
  let isClosed = false
  let early: unknown[] = []

  function dispatch(data: unknown): void {
    const event = { data } as MessageEvent
    for (const listener of [...listeners]) {
      if (typeof listener === 'function') listener(event)
      else listener.handleEvent(event)
    }
  }

  return {
    arrive(data: unknown): void {
      if (isClosed) return
      if (isStarted) dispatch(data)
      else early.push(data)
    },
    face(lane: Lane, other: { arrive(data: unknown): void }): PortEnd {
      return {
        postMessage(message: unknown) {
          if (isClosed) return
          const copy = copyOf(message)
          lane.send(summary(copy), () => other.arrive(copy))
        },
        addEventListener: (_type, listener) => void listeners.add(listener),
        removeEventListener: (_type, listener) => void listeners.delete(listener),
        start() {
          isStarted = true
          for (const data of early.splice(0)) dispatch(data)
        },
        close() {
          isClosed = true
          early = []
        },
      }
    },
  }
}

/** As structured clone does it, which in Node costs six times as much for what is plain. */
function copyOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'function' ? structuredClone(value) : value
  }
  if (Array.isArray(value)) return value.map(copyOf)
  if (Object.getPrototypeOf(value) !== Object.prototype) return structuredClone(value)
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, copyOf(one)]))
}

/** A call of Comlink's names its method, an answer does not. */
function summary(message: unknown): string {
  const { type, path } = message as { type?: string; path?: readonly string[] }
  return path?.length ? path.join('.') : (type ?? 'answer').toLowerCase()
}

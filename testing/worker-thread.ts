/**
 * Owns the one thread of a worker in tests: whatever reaches it passes here, and waits while it hangs
 * in an endless loop. Its locks it keeps, as the browser sees to it. A thread that is dead hears nothing.
 */
import type { Endpoint } from 'comlink'
import type { OpenBroadcast } from '../protocol/hub.js'
import type { Clock } from '../worker/clock.js'
import type { OpenSocket } from '../worker/connection/socket.js'
import type { Locks } from '../worker/tabs/locks.js'
import { settled } from './virtual-clock.js'

export interface WorkerThread {
  clock(clock: Clock): Clock
  locks(locks: Locks): Locks
  bus(openBus: OpenBroadcast): OpenBroadcast
  socket(openSocket: OpenSocket): OpenSocket
  port(port: MessagePort): Endpoint & Pick<MessagePort, 'close'>
  later(task: () => void): () => void
  hang(): void
  /** One task after the other, as an event loop has it. */
  thaw(): Promise<void>
  kill(): void
}

export function createWorkerThread(): WorkerThread {
  let state: 'runs' | 'hangs' | 'dead' = 'runs'
  const waiting: (() => void)[] = []

  function run(task: () => void): void {
    if (state === 'runs') task()
    else if (state === 'hangs') waiting.push(task)
  }
  const later =
    <Args extends unknown[]>(task: (...args: Args) => void) =>
    (...args: Args): void =>
      run(() => task(...args))
  /** A promise that settles when the thread gets to it. */
  const arriving = <T>(promise: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => promise.then(later(resolve), later(reject)))

  return {
    later,
    clock: (clock) => ({ ...clock, after: (ms, task) => clock.after(ms, later(task)) }),
    locks: (locks) => ({
      ...locks,
      hold: (name, onLost, how) => arriving(locks.hold(name, onLost && later(onLost), how)),
      steal: (name, onLost) => arriving(locks.steal(name, onLost && later(onLost))),
      whenFree: (name, task) => locks.whenFree(name, later(task)),
      holders: () => arriving(locks.holders()),
    }),
    bus: (openBus) => (name, onMessage) => openBus(name, later(onMessage)),
    socket: (openSocket) => (url, protocol, events) =>
      openSocket(url, protocol, {
        opened: later(events.opened),
        received: later(events.received),
        closed: later(events.closed),
      }),
    port(port) {
      const heard = new Map<unknown, EventListener>()
      return {
        postMessage(message, transfer = []) {
          if (state !== 'dead') port.postMessage(message, transfer)
        },
        addEventListener(type, listener) {
          const own = later(listener as EventListener)
          heard.set(listener, own)
          port.addEventListener(type, own)
        },
        removeEventListener(type, listener) {
          port.removeEventListener(type, heard.get(listener) as EventListener)
          heard.delete(listener)
        },
        start: () => port.start(),
        close: () => port.close(),
      }
    },
    hang() {
      state = 'hangs'
    },
    async thaw() {
      state = 'runs'
      for (const task of waiting.splice(0)) {
        task()
        await settled()
      }
    },
    kill() {
      state = 'dead'
      waiting.length = 0
    },
  }
}

/**
 * Owns the broker's real surroundings: the one file of this room that touches globals. What a
 * browser lacks is null, so that every fallback can be tested.
 */
import { deleteDB } from 'idb'
import type { OpenBroadcast } from '../protocol/hub.js'
import { VERSION } from '../protocol/version.js'
import type { FetchText } from './auth/own-token.js'
import type { BrokerEnvironment } from './broker.js'
import type { FetchStatus } from './connection/health.js'
import type { OpenSocket } from './connection/socket.js'
import type { DedicatedScope } from './hosts/dedicated-worker.js'
import { openIdbStore } from './storage/idb-store.js'
import type { Locks } from './tabs/locks.js'

export function realEnvironment(): Omit<BrokerEnvironment, 'host'> {
  return {
    clock: {
      now: () => performance.now(),
      wall: () => Date.now(),
      after(ms, run) {
        // Engines cut fractions off, which would be early, and fire at once what is over their limit;
        // who is woken too early looks at the clock and waits again.
        const timer = setTimeout(run, Math.min(Math.ceil(ms), 2 ** 31 - 1))
        return () => clearTimeout(timer)
      },
    },
    random: Math.random,
    openSocket,
    fetchStatus,
    fetchText,
    openStore: globalThis.indexedDB ? openIdbStore : null,
    dropStore: (line) => deleteDB(line),
    locks: navigator.locks ? locks(navigator.locks) : null,
    openBus: globalThis.BroadcastChannel ? openBus : null,
    newId,
    version: VERSION,
  }
}

/** Whether `startBroker` is called in a SharedWorker; a dedicated worker has no `onconnect`. */
export const isInSharedWorker = (): boolean => 'onconnect' in globalThis

/** The library's types take this for a dedicated worker. */
export const workerScope = (): SharedWorkerGlobalScope =>
  globalThis as unknown as SharedWorkerGlobalScope

export const dedicatedScope = (): DedicatedScope => globalThis as unknown as DedicatedScope

/** As above, for the script that calls `deliverInBackground`. */
export const serviceWorkerScope = (): ServiceWorkerGlobalScope =>
  globalThis as unknown as ServiceWorkerGlobalScope

/** `crypto.randomUUID` is missing on insecure origins, where everything else works. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

const openSocket: OpenSocket = (url, protocol, events) => {
  const socket = new WebSocket(url, protocol)
  let isOver = false
  const end = (code: number, why: string): void => {
    if (isOver) return
    isOver = true
    events.closed(code, why)
  }
  socket.onopen = () => events.opened()
  socket.onmessage = ({ data }) => events.received(data)
  socket.onclose = ({ code, reason }) => end(code, reason)
  return {
    send: (text) => {
      // A closing socket swallows frames; its end is reported by `onclose`.
      if (socket.readyState === WebSocket.OPEN) socket.send(text)
    },
    close(code, why = '') {
      isOver = true
      socket.onopen = socket.onmessage = null
      return new Promise((resolve) => {
        socket.onclose = () => resolve()
        // A reason over 123 bytes throws; a code unit takes at most three.
        socket.close(code, why.slice(0, 40))
        if (socket.readyState === WebSocket.CLOSED) resolve()
      })
    },
  }
}

/** Without cookies and past every cache; a login page that one is sent to is no answer. */
const fetchStatus: FetchStatus = async (url, signal) => {
  const init = { signal, cache: 'no-store', credentials: 'omit', redirect: 'error' } as const
  const { status, body } = await fetch(url, init)
  body?.cancel().catch(() => {})
  return status
}

/** With cookies, which are what there is to show; and not for ever, or a frozen network would hold it. */
const fetchText: FetchText = async (url) => {
  const signal = AbortSignal.timeout(30_000)
  const init = { signal, cache: 'no-store', credentials: 'include', redirect: 'error' } as const
  const response = await fetch(url, init)
  return { status: response.status, text: await response.text() }
}

const openBus: OpenBroadcast = (name, onMessage) => {
  const channel = new BroadcastChannel(name)
  channel.onmessage = ({ data }) => onMessage(data)
  return {
    post: (message) => channel.postMessage(message),
    close: () => channel.close(),
  }
}

function locks(manager: LockManager): Locks {
  const take = (
    name: string,
    onLost?: () => void,
    how: LockOptions = {},
  ): ReturnType<Locks['hold']> =>
    new Promise((resolve, reject) => {
      let isOurs = false
      const held = (): Promise<void> => {
        isOurs = true
        return new Promise((release) => resolve(release))
      }
      manager.request(name, how, held).catch((why) => (isOurs ? onLost?.() : reject(why)))
    })
  return {
    hold: take,
    steal: (name, onLost) => take(name, onLost, { steal: true }),
    whenFree(name, run) {
      const abort = new AbortController()
      manager.request(name, { signal: abort.signal }, () => run()).catch(() => {})
      return () => abort.abort()
    },
    async holders() {
      const { held = [] } = await manager.query()
      return new Map(held.map(({ name = '', clientId = '' }) => [name, clientId]))
    },
  }
}

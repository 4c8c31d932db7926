/**
 * Owns the page's real surroundings: the one file of this room that touches globals. What a browser
 * lacks is null.
 */
import type { Endpoint } from 'comlink'
import type { OpenBroadcast, Order } from '../protocol/hub.js'
import { VERSION, type Version } from '../protocol/version.js'
import type { WorkerRequest } from './api.js'

/** A port to a broker, whatever carries it. */
export interface BrokerEnd extends Endpoint {
  close(): void
}

/** What a page client needs of a SharedWorker, or of what stands in for it. */
export interface WorkerHandle {
  readonly port: BrokerEnd
  addEventListener(type: 'error', run: () => void): void
}

/** What a page client needs of a dedicated worker. */
export interface DedicatedWorker {
  postMessage(order: Order, transfer?: Transferable[]): void
  addEventListener(type: 'error', run: () => void): void
  addEventListener(type: 'message', run: (event: { readonly data: unknown }) => void): void
  terminate(): void
}

/** What a page client needs of localStorage: it is written when the call returns. */
export type Boat = Pick<Storage, 'length' | 'key' | 'getItem' | 'setItem' | 'removeItem'>

export interface PageEvents {
  /** The page leaves, for good or into the back/forward cache, or it is frozen where it is. */
  hidden(): void
  /** It came back. */
  shown(): void
  visible(): void
  /** Nobody sees it, and it may be killed without a word. Told at once if that is so already. */
  concealed(): void
  online(): void
  /** It was frozen, and runs again. */
  resumed(): void
  /** Another page has written something of this name to localStorage. */
  written(name: string): void
}

export interface PageEnvironment {
  /** What this page client was built from. */
  readonly version: Version
  readonly baseUrl: string
  /** null: there is no SharedWorker. */
  readonly openWorker:
    | ((url: string | URL | undefined, request: WorkerRequest) => WorkerHandle)
    | null
  /** null: there are no workers at all. */
  readonly openDedicated:
    | ((url: string | URL | undefined, request: WorkerRequest) => DedicatedWorker)
    | null
  /** A way to such a worker for this page alone. */
  openPort(worker: DedicatedWorker): WorkerHandle['port']
  /** null: there is no BroadcastChannel. */
  readonly openBroadcast: OpenBroadcast | null
  /** Resolves with its own undo once the lock is held; null: there are no locks. */
  readonly holdLock: ((name: string) => Promise<() => void>) | null
  /** Calls `run` when nobody holds the lock any more; returns its own undo. */
  readonly whenLockFree: ((name: string, run: () => void) => () => void) | null
  /** What is held in this origin, and by whom: an opaque name that all locks of one worker share. */
  readonly heldLocks: (() => Promise<ReadonlyMap<string, string>>) | null
  /** Takes the lock from whoever holds it, for the next one in its queue. */
  readonly freeLock: ((name: string) => void) | null
  /** Calls `run` once the lock is held, and `onLost` if it is taken then; the undo gives it back, or the place in the queue. */
  readonly queueForLock: ((name: string, run: () => void, onLost: () => void) => () => void) | null
  /** null: there is no localStorage, or it is forbidden. */
  readonly boat: Boat | null
  /** Asks for a Background Sync; rejects where that does not work. */
  registerSync(tag: string): Promise<void>
  after(ms: number, run: () => void): () => void
  /** Monotonic milliseconds. */
  now(): number
  wall(): number
  random(): number
  listen(events: PageEvents): () => void
  report(error: unknown): void
}

export function realEnvironment(): PageEnvironment {
  watchServiceWorker().catch(() => {})
  return {
    version: VERSION,
    baseUrl: location.href,
    openWorker: 'SharedWorker' in globalThis ? openWorker : null,
    openDedicated: 'Worker' in globalThis ? openDedicated : null,
    openPort,
    openBroadcast: 'BroadcastChannel' in globalThis ? openBroadcast : null,
    holdLock: navigator.locks ? holdLock : null,
    whenLockFree: navigator.locks ? whenLockFree : null,
    heldLocks: navigator.locks ? heldLocks : null,
    freeLock: navigator.locks ? freeLock : null,
    queueForLock: navigator.locks ? queueForLock : null,
    boat: localStorageIfAllowed(),
    registerSync,
    after(ms, run) {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
    now: () => performance.now(),
    wall: Date.now,
    random: Math.random,
    listen,
    report: (error) => console.error(error),
  }
}

function openWorker(url: string | URL | undefined, request: WorkerRequest): WorkerHandle {
  if (url !== undefined) return new SharedWorker(url, request)
  const { name } = request
  // Written out, because bundlers find a worker only in exactly this form; the cast is for an option
  // that the DOM's types do not know yet.
  return new SharedWorker(new URL('./worker.js', import.meta.url), {
    type: 'module',
    name,
    extendedLifetime: true,
  } as WorkerOptions)
}

/** As above. */
function openDedicated(url: string | URL | undefined, request: WorkerRequest): DedicatedWorker {
  if (url !== undefined) return new Worker(url, request)
  const { name } = request
  return new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name })
}

export function openPort(worker: DedicatedWorker): MessagePort {
  const { port1, port2 } = new MessageChannel()
  worker.postMessage({ kind: 'attach' }, [port2])
  return port1
}

const openBroadcast: OpenBroadcast = (name, onMessage) => {
  const channel = new BroadcastChannel(name)
  channel.onmessage = ({ data }) => onMessage(data)
  return {
    post: (message) => channel.postMessage(message),
    close: () => channel.close(),
  }
}

/** Where storage is forbidden, the mere mention throws. */
function localStorageIfAllowed(): Boat | null {
  try {
    return localStorage
  } catch {
    return null
  }
}

interface WithSync {
  readonly sync?: { register(tag: string): Promise<void> }
}

/** Found early, because a page that closes has no time to look for it. */
let registration: WithSync | undefined

/** Async also because in a sandboxed frame the mere mention of service workers throws. */
async function watchServiceWorker(): Promise<void> {
  registration = (await navigator.serviceWorker.ready) as WithSync
}

async function registerSync(tag: string): Promise<void> {
  const { serviceWorker } = navigator
  const found = registration ?? ((await serviceWorker.getRegistration()) as WithSync | undefined)
  if (!found?.sync) throw new Error('there is no Background Sync')
  await found.sync.register(tag)
}

function holdLock(name: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, () => new Promise<void>((release) => resolve(release)))
      .catch(reject)
  })
}

/** Shared, so that all who wait are told at once. */
function whenLockFree(name: string, run: () => void): () => void {
  const abort = new AbortController()
  const { signal } = abort
  navigator.locks.request(name, { mode: 'shared', signal }, run).catch(() => {})
  return () => abort.abort()
}

async function heldLocks(): Promise<ReadonlyMap<string, string>> {
  const { held = [] } = await navigator.locks.query()
  return new Map(held.map(({ name = '', clientId = '' }) => [name, clientId]))
}

function freeLock(name: string): void {
  navigator.locks.request(name, { steal: true }, () => {}).catch(() => {})
}

function queueForLock(name: string, run: () => void, onLost: () => void): () => void {
  const abort = new AbortController()
  const { signal } = abort
  let release: (() => void) | undefined
  const hold = (): Promise<void> | undefined => {
    // It may have been granted before it was given up, and be told after.
    if (signal.aborted) return undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    run()
    return held
  }
  const { locks } = navigator
  locks.request(name, { signal }, hold).catch(() => release && !signal.aborted && onLost())
  return () => {
    abort.abort()
    release?.()
  }
}

function listen(events: PageEvents): () => void {
  const abort = new AbortController()
  let isAway = false
  const leave = (): void => {
    isAway = true
    events.hidden()
  }
  const back = (): void => {
    if (isAway) events.shown()
    isAway = false
  }
  const on = (target: EventTarget, type: string, run: (event: Event) => void): void =>
    target.addEventListener(type, run, abort)
  const look = (): void => (document.hidden ? events.concealed() : events.visible())
  on(window, 'pagehide', leave)
  on(window, 'pageshow', back)
  on(document, 'freeze', leave)
  on(document, 'resume', back)
  on(window, 'online', events.online)
  on(window, 'storage', (event) => {
    const { key, newValue } = event as StorageEvent
    if (key !== null && newValue !== null) events.written(key)
  })
  on(document, 'visibilitychange', look)
  on(document, 'resume', events.resumed)
  if (document.hidden) events.concealed()
  return () => abort.abort()
}

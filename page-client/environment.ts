/**
 * Owns the page's real surroundings: the one file of this room that touches globals. What a browser
 * lacks is null.
 */
import type { WorkerRequest } from './api.js'

/** What a page client needs of a SharedWorker. */
export interface WorkerHandle {
  readonly port: MessagePort
  addEventListener(type: 'error', run: () => void): void
}

/** What a page client needs of localStorage: it is written when the call returns. */
export type Boat = Pick<Storage, 'length' | 'key' | 'getItem' | 'setItem' | 'removeItem'>

export interface PageEvents {
  /** The page leaves: for good, or into the back/forward cache. */
  hidden(): void
  /** It came back from there. */
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
  readonly baseUrl: string
  /** null: there is no SharedWorker. */
  readonly openWorker:
    | ((url: string | URL | undefined, request: WorkerRequest) => WorkerHandle)
    | null
  /** Resolves with its own undo once the lock is held; null: there are no locks. */
  readonly holdLock: ((name: string) => Promise<() => void>) | null
  /** Calls `run` when nobody holds the lock any more; returns its own undo. */
  readonly whenLockFree: ((name: string, run: () => void) => () => void) | null
  /** The names of all locks that are held in this origin. */
  readonly heldLocks: (() => Promise<readonly string[]>) | null
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
    baseUrl: location.href,
    openWorker: 'SharedWorker' in globalThis ? openWorker : null,
    holdLock: navigator.locks ? holdLock : null,
    whenLockFree: navigator.locks ? whenLockFree : null,
    heldLocks: navigator.locks ? heldLocks : null,
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

async function heldLocks(): Promise<readonly string[]> {
  const { held = [] } = await navigator.locks.query()
  return held.map(({ name = '' }) => name)
}

function listen(events: PageEvents): () => void {
  const abort = new AbortController()
  const on = (target: EventTarget, type: string, run: (event: Event) => void): void =>
    target.addEventListener(type, run, abort)
  const look = (): void => (document.hidden ? events.concealed() : events.visible())
  on(window, 'pagehide', events.hidden)
  on(window, 'pageshow', (event) => (event as PageTransitionEvent).persisted && events.shown())
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

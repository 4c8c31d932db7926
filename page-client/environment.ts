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

export interface PageEvents {
  /** The page leaves: for good, or into the back/forward cache. */
  hidden(): void
  /** It came back from there. */
  shown(): void
  visible(): void
  online(): void
}

export interface PageEnvironment {
  readonly baseUrl: string
  /** null: there is no SharedWorker. */
  readonly openWorker:
    | ((url: string | URL | undefined, request: WorkerRequest) => WorkerHandle)
    | null
  /** Resolves with its own undo once the lock is held; null: there are no locks. */
  readonly holdLock: ((name: string) => Promise<() => void>) | null
  after(ms: number, run: () => void): () => void
  wall(): number
  random(): number
  listen(events: PageEvents): () => void
  report(error: unknown): void
}

export function realEnvironment(): PageEnvironment {
  return {
    baseUrl: location.href,
    openWorker: 'SharedWorker' in globalThis ? openWorker : null,
    holdLock: navigator.locks ? holdLock : null,
    after(ms, run) {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
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

function holdLock(name: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, () => new Promise<void>((release) => resolve(release)))
      .catch(reject)
  })
}

function listen({ hidden, shown, visible, online }: PageEvents): () => void {
  const abort = new AbortController()
  const on = (target: EventTarget, type: string, run: (event: Event) => void): void =>
    target.addEventListener(type, run, abort)
  on(window, 'pagehide', hidden)
  on(window, 'pageshow', (event) => (event as PageTransitionEvent).persisted && shown())
  on(window, 'online', online)
  on(document, 'visibilitychange', () => document.hidden || visible())
  return () => abort.abort()
}

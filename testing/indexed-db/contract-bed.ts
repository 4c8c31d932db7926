/**
 * Owns what the cases of the engine's contract are made of: databases by their plain events, as a page
 * has them, and a log of what was said in which order.
 */
export interface EngineCase {
  readonly title: string
  /** In a database of that name, at first absent. */
  run(name: string, say: (word: string) => void): Promise<void>
  /** What it says, in this order. */
  readonly said: readonly string[]
}

export const sayName =
  (say: (word: string) => void, prefix = '') =>
  (error: unknown): void =>
    say(`${prefix}${error instanceof DOMException ? error.name : String(error)}`)

export function answer<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error))
  })
}

/** How it ended. */
export function end(transaction: IDBTransaction): Promise<string> {
  return new Promise((resolve) => {
    transaction.addEventListener('complete', () => resolve('complete'))
    transaction.addEventListener('abort', () => resolve(`abort ${transaction.error?.name ?? null}`))
  })
}

/** With two stores: `notes`, which are given keys, and `events`, which have two in them. */
export function openNotes(name: string, version = 1): Promise<IDBDatabase> {
  const request = indexedDB.open(name, version)
  request.addEventListener('upgradeneeded', () => {
    if (request.result.objectStoreNames.length) return
    request.result.createObjectStore('notes')
    request.result.createObjectStore('events', { keyPath: ['channel', 'n'] })
  })
  return answer(request)
}

export const write = (database: IDBDatabase, store = 'notes'): IDBObjectStore =>
  database.transaction([store], 'readwrite').objectStore(store)

/** In a transaction of its own. */
export async function keys(database: IDBDatabase, store = 'notes'): Promise<string> {
  return JSON.stringify(await answer(database.transaction(store).objectStore(store).getAllKeys()))
}

export function nameOf(act: () => unknown): string {
  try {
    act()
    return 'nothing'
  } catch (error) {
    return error instanceof DOMException ? error.name : String(error)
  }
}

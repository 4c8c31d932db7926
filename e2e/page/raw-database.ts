/**
 * Owns IndexedDB as other people's code uses it: databases made by hand, as an earlier version of the
 * library would have left them, looked into without ours, and held open against it.
 */
export interface RawDatabase {
  readonly version: number
  /** Rows by store: `[key, value]` where keys are given by hand, else the value. */
  readonly stores: Readonly<Record<string, RawStore>>
}

export interface RawStore {
  readonly keyPath?: string | string[]
  readonly rows: readonly (readonly [key: string | null, value: unknown])[]
}

function answer<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

export async function makeDatabase(name: string, { version, stores }: RawDatabase): Promise<void> {
  const request = indexedDB.open(name, version)
  request.onupgradeneeded = () => {
    for (const [store, { keyPath, rows }] of Object.entries(stores)) {
      const made = request.result.createObjectStore(store, keyPath ? { keyPath } : {})
      for (const [key, value] of rows) key === null ? made.put(value) : made.put(value, key)
    }
  }
  const database = await answer(request)
  database.close()
}

/** As it is, whatever version that is. */
export async function dumpDatabase(name: string): Promise<RawDatabase> {
  const database = await answer(indexedDB.open(name))
  const stores: Record<string, RawStore> = {}
  for (const store of database.objectStoreNames) {
    const { keyPath, ...opened } = fromStore(database, store)
    const [keys, values] = await Promise.all([answer(opened.keys), answer(opened.values)])
    const rows = values.map(
      (value, index) => [keyPath ? null : String(keys[index]), value] as const,
    )
    stores[store] = { ...(keyPath && { keyPath }), rows }
  }
  const { version } = database
  database.close()
  return { version, stores }
}

function fromStore(database: IDBDatabase, name: string) {
  const store = database.transaction(name).objectStore(name)
  const keyPath = store.keyPath ?? undefined
  return { keyPath, keys: store.getAllKeys(), values: store.getAll() }
}

export async function putRaw(name: string, store: string, value: unknown): Promise<void> {
  const database = await answer(indexedDB.open(name))
  await answer(database.transaction(store, 'readwrite').objectStore(store).put(value))
  database.close()
}

export async function rowsOf(name: string, store: string): Promise<readonly unknown[]> {
  const { stores } = await dumpDatabase(name)
  return (stores[store]?.rows ?? []).map(([, value]) => value)
}

/** Somebody who does not let go when the database is wanted; returns how to end it. */
export async function holdDatabase(name: string, version: number): Promise<() => void> {
  const database = await answer(indexedDB.open(name, version))
  return () => database.close()
}

export async function deleteDatabase(name: string): Promise<void> {
  await answer(indexedDB.deleteDatabase(name))
}

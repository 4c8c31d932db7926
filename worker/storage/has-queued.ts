/**
 * Owns a look at a line's database from outside: whether anything in it waits to be sent in the background.
 * It writes nothing, fences nobody, and leaves no database where there was none.
 */
import { openDB } from 'idb'
import type { StoredOperation } from '../outbox/operation.js'

export async function hasQueued(line: string): Promise<boolean> {
  let isAbsent = false
  // Without a version: whatever the schema is, it stays.
  const database = await openDB(line, undefined, {
    upgrade(_database, _from, _to, transaction) {
      isAbsent = true
      transaction.done.catch(() => {})
      // The database was made a moment ago for us, and goes with its first transaction.
      transaction.abort()
    },
  }).catch((reason: unknown) => {
    if (isAbsent) return undefined
    throw reason
  })
  if (!database) return false
  // A newer broker wants to change the schema: nobody is to wait for a look.
  database.onversionchange = () => database.close()
  try {
    const tx = database.transaction(['line', 'operations'])
    // Its requests tell of what fails; without this it would be reported as unhandled too.
    tx.done.catch(() => {})
    // Its identity was signed out: what was kept waits until that one is here again (P13).
    if ((await tx.objectStore('line').get('line'))?.isResting) return false
    let cursor = await tx.objectStore('operations').openCursor()
    while (cursor && (cursor.value as StoredOperation).failed) cursor = await cursor.continue()
    return cursor !== null
  } finally {
    database.close()
  }
}

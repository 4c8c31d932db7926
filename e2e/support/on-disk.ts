/**
 * Owns the look at a browser's disk from one of its pages: how far a channel has been seen. Cursors are
 * written a moment after they moved, several at once, so neither the event in a tab nor an operation
 * that was stored later tells that they are there.
 */
import type { Page } from '../drivers/driver.js'

/** The id at which the channel stands on disk, in whatever database of the origin has it. */
export const cursorOnDisk = (
  page: Pick<Page, 'evaluate'>,
  channel: string,
): Promise<string | undefined> =>
  page.evaluate(async (of) => {
    const settled = <Value>(request: IDBRequest<Value>): Promise<Value> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await settled(indexedDB.open(name))
      const cursors = database.transaction('cursors').objectStore('cursors')
      const cursor: { readonly id: string } | undefined = await settled(cursors.get(of))
      database.close()
      if (cursor) return cursor.id
    }
    return undefined
  }, channel)

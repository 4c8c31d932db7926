/**
 * Owns the storage contract inside a browser: the cases that the memory twin passes in Node, run
 * against the real IndexedDB. Bundled for the page by the spec.
 */
import { openIdbStore } from '../../worker/storage/idb-store.js'
import type { StoreRequest } from '../../worker/storage/store.js'
import { storeContract } from '../../worker/storage/store-contract.js'

export interface StoreCases {
  /** Rejects where the contract is broken. */
  run(title: string, durability: StoreRequest['durability']): Promise<void>
}

declare global {
  interface Window {
    readonly storeCases: StoreCases
  }
}

const storeCases: StoreCases = {
  async run(title, durability) {
    const found = storeContract.find((one) => one.title === title)
    if (!found) throw new Error(`no case "${title}"`)
    const newClient = () => crypto.randomUUID() as ReturnType<StoreRequest['newClient']>
    await found.run(() => openIdbStore({ line: title, durability, newClient }))
  },
}

Object.assign(window, { storeCases })

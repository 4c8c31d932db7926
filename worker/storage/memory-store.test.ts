import { describe, it } from 'vitest'
import type { ClientId } from '../../protocol/ids.js'
import { createMemoryDisk, openMemoryStore } from './memory-store.js'
import { storeContract } from './store-contract.js'

describe('the memory store keeps the contract', () => {
  for (const { title, run } of storeContract) {
    it(`[P2][F10] ${title}`, async () => {
      const disk = createMemoryDisk()
      const newClient = () => crypto.randomUUID() as unknown as ClientId
      await run(() => openMemoryStore({ line: 'line', durability: 'strict', newClient }, disk))
    })
  }
})

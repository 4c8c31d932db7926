import { describe, it } from 'vitest'
import type { ClientId } from '../../protocol/ids.js'
import type { StoredOperation } from '../outbox/operation.js'
import { createMemoryDisk, openMemoryStore } from './memory-store.js'
import type { StoreBed } from './store-contract-bed.js'
import { lifeCases } from './store-contract-lives.js'
import { recordCases } from './store-contract-records.js'

function createBed(): StoreBed {
  const disk = createMemoryDisk()
  const newClient = () => crypto.randomUUID() as unknown as ClientId
  const request = { line: 'line', durability: 'strict', newClient } as const
  return {
    open: (as) => openMemoryStore({ ...request, ...as }, disk),
    clear: async () => disk.clear(),
    async spoil(key) {
      disk.operations.set(key, { key, lane: 7 } as unknown as StoredOperation)
    },
  }
}

describe('the memory store keeps the contract', () => {
  for (const { title, run } of recordCases) it(`[P2] ${title}`, () => run(createBed()))
  for (const { title, run } of lifeCases) it(`[P2][F10][F22] ${title}`, () => run(createBed()))
})

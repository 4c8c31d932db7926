import { describe, it } from 'vitest'
import type { ClientId } from '../../protocol/ids.js'
import { createMemoryDisk, keyOf, openMemoryStore } from './memory-store.js'
import type { StoreBed } from './store-contract-bed.js'
import { channelCases } from './store-contract-channels.js'
import { lifeCases } from './store-contract-lives.js'
import { recordCases } from './store-contract-records.js'

function createBed(): StoreBed {
  const disk = createMemoryDisk()
  const newClient = () => crypto.randomUUID() as unknown as ClientId
  const request = { line: 'line', durability: 'strict', newClient } as const
  return {
    open: (as) => openMemoryStore({ ...request, ...as }, disk),
    clear: async () => disk.clear(),
    async spoil(shelf, row) {
      const { key, channel, n, name } = row as Readonly<Record<string, string>>
      const id = key ?? keyOf(channel ?? '', n ?? name ?? '')
      const rows: Map<string, unknown> = disk[shelf]
      rows.set(id, row)
    },
    rows: async (shelf) => [...disk[shelf].values()],
  }
}

describe('the memory store keeps the contract', () => {
  for (const { title, run } of recordCases) it(`[P2] ${title}`, () => run(createBed()))
  for (const { title, run } of channelCases) it(`[P6][P7][P8] ${title}`, () => run(createBed()))
  for (const { title, run } of lifeCases) it(`[P2][F10][F22] ${title}`, () => run(createBed()))
})

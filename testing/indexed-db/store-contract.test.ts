import { deleteDB } from 'idb'
import { describe, it } from 'vitest'
import { putRaw, rowsOf } from '../../e2e/page/raw-database.js'
import type { ClientId } from '../../protocol/ids.js'
import { openIdbStore } from '../../worker/storage/idb-store.js'
import type { StoreBed, StoreCase } from '../../worker/storage/store-contract-bed.js'
import { channelCases } from '../../worker/storage/store-contract-channels.js'
import { lifeCases } from '../../worker/storage/store-contract-lives.js'
import { recordCases } from '../../worker/storage/store-contract-records.js'
import { installIndexedDb, lend } from './globals.js'
import { createMachine } from './machine.js'

const LINE = 'line'

async function check({ run }: StoreCase): Promise<void> {
  installIndexedDb()
  for (let seed = 1; seed <= 20; seed++) {
    const machine = createMachine(seed)
    const { factory } = machine.thread('worker')
    const elsewhere = machine.thread('page')
    let clients = 0
    const newClient = () => `client ${++clients}` as ClientId
    const request = { line: LINE, durability: 'strict', newClient, wall: () => 1 } as const
    const bed: StoreBed = {
      open: (as) => lend(factory, () => openIdbStore({ ...request, ...as })),
      clear: () => lend(elsewhere.factory, () => deleteDB(LINE)),
      spoil: (shelf, row) => lend(elsewhere.factory, () => putRaw(LINE, shelf, row)),
      rows: (shelf) => lend(elsewhere.factory, () => rowsOf(LINE, shelf)),
    }
    await machine.run(() => run(bed))
  }
}

describe('the real store keeps the contract over the twin of IndexedDB', () => {
  for (const one of recordCases) it(`[P2] ${one.title}`, () => check(one))
  for (const one of channelCases) it(`[P6][P7][P8] ${one.title}`, () => check(one))
  for (const one of lifeCases) it(`[P2][F10][F22] ${one.title}`, () => check(one))
})

import { describe, expect, it } from 'vitest'
import type { ClientId } from '../../protocol/ids.js'
import type { Moment } from '../../testing/indexed-db/engine.js'
import { installIndexedDb } from '../../testing/indexed-db/globals.js'
import { createMachine } from '../../testing/indexed-db/machine.js'
import { hasQueued } from './has-queued.js'
import { openIdbStore } from './idb-store.js'
import type { Change, Store } from './store.js'
import { operation } from './store-contract-bed.js'

function setUp(ill = (_: Moment): DOMException | undefined => undefined) {
  const machine = createMachine(1, { ill })
  installIndexedDb(machine.thread('worker').factory)
  const newClient = () => 'client' as ClientId
  const request = { line: 'line', durability: 'strict', newClient, wall: () => 1 } as const
  return {
    machine,
    look: () => machine.run(() => hasQueued('line')),
    open: () => machine.run(() => openIdbStore(request)),
    write: (store: Store, ...changes: readonly Change[]) =>
      machine.run(() => store.commit(changes)),
  }
}

const queued: Change = { type: 'put-operation', operation: operation('k', 1) }
const failed: Change = {
  type: 'put-operation',
  operation: {
    ...operation('a', 2),
    failed: { outcome: 'expired', error: { code: 'expired', details: {}, message: '' }, at: 1 },
  },
}

describe('a look at what is queued', () => {
  it('[P2] leaves no database where there was none', async () => {
    const { machine, look } = setUp()
    expect(await look()).toBe(false)
    expect(machine.databases.names).toEqual([])
  })

  it('[P2] sees what waits, behind what has failed, and does not count as a broker', async () => {
    const { look, open, write } = setUp()
    const store = await open()
    expect(await look()).toBe(false)
    await write(store, failed)
    expect(await look()).toBe(false)
    await write(store, queued)
    expect(await look()).toBe(true)
    await write(store, { type: 'delete-operation', key: 'k' })
    expect(await look()).toBe(false)
  })

  it('[P13] finds nothing where the identity was signed out and its queue kept', async () => {
    const { look, open, write } = setUp()
    await write(await open(), queued, { type: 'rest' })
    expect(await look()).toBe(false)
    await open()
    expect(await look()).toBe(true)
  })

  it('[P2] says that it cannot read, once, and nothing else hears of it', async () => {
    let isBroken = false
    const damaged = new DOMException('damaged', 'UnknownError')
    const { machine, look, open } = setUp((at) => (isBroken && at === 'read' ? damaged : undefined))
    ;(await open()).close()
    isBroken = true
    // A promise that is rejected unheard fails the run.
    await expect(look()).rejects.toBe(damaged)
    await machine.rest()
  })
})

/**
 * Owns what every store must do for brokers that come, go, and come back (P1, P2): one of them writes,
 * the others are refused, and a connection that was cut off can be taken up again.
 */
import type { ClientId } from '../../protocol/ids.js'
import { Fenced, type Store } from './store.js'
import { assertEqual, failureOf, keysOf, operation, type StoreCase } from './store-contract-bed.js'

const put = (store: Store, key: string): Promise<void> =>
  store.commit([{ type: 'put-operation', operation: operation(key, 1) }])

async function assertFenced(promise: Promise<unknown>): Promise<void> {
  const failure = await failureOf(promise)
  assertEqual(failure instanceof Fenced, true, `refused by the fence (${failure})`)
}

export const lifeCases: readonly StoreCase[] = [
  {
    title: 'the client stays, the incarnation grows with every opening',
    async run({ open }) {
      const clients = new Set<ClientId>()
      const incarnations: number[] = []
      for (let i = 0; i < 3; i++) {
        const { loaded, close } = await open()
        clients.add(loaded.client)
        incarnations.push(loaded.incarnation)
        close()
      }
      assertEqual(clients.size, 1, 'clients')
      assertEqual(incarnations, [1, 2, 3], 'incarnations')
    },
  },
  {
    title: 'whoever opened it before writes nothing more',
    async run({ open }) {
      const older = await open()
      const newer = await open()
      await assertFenced(put(older, 'late'))
      await put(newer, 'k')
      older.close()
      newer.close()
      const again = await open()
      assertEqual(keysOf(again.loaded.operations), ['k'], 'keys')
      again.close()
    },
  },
  {
    title: 'a closed store refuses, and was not severed',
    async run({ open }) {
      let severed = 0
      const store = await open({ onSevered: () => (severed += 1) })
      store.close()
      store.close()
      assertEqual((await failureOf(put(store, 'k'))) instanceof Error, true, 'a refusal')
      assertEqual(severed, 0, 'severed')
    },
  },
  {
    title: 'whoever resumes goes on as the broker that it was',
    async run({ open }) {
      const first = await open()
      await put(first, 'k')
      first.close()
      const { client, incarnation } = first.loaded
      const resumed = await open({ resume: { client, incarnation } })
      assertEqual(resumed.loaded.client, client, 'client')
      assertEqual(resumed.loaded.incarnation, incarnation, 'incarnation')
      assertEqual(keysOf(resumed.loaded.operations), ['k'], 'keys')
      await put(resumed, 'l')
      resumed.close()
    },
  },
  {
    title: 'whoever resumes after another broker is refused, and does it no harm',
    async run({ open }) {
      const first = await open()
      first.close()
      const other = await open()
      await assertFenced(open({ resume: first.loaded }))
      await put(other, 'k')
      other.close()
    },
  },
  {
    title: 'a store whose database is cleared away says so once and writes nothing more',
    async run({ open, clear }) {
      const reasons: unknown[] = []
      const store = await open({ onSevered: (reason) => reasons.push(reason) })
      await put(store, 'k')
      await clear()
      assertEqual(reasons.length, 1, 'severed')
      assertEqual((await failureOf(put(store, 'l'))) instanceof Error, true, 'a refusal')
      store.close()
      const next = await open()
      assertEqual(next.loaded.operations, [], 'operations')
      next.close()
    },
  },
  {
    title: 'whoever resumes where everything was cleared away takes the empty database over',
    async run({ open, clear }) {
      await (await open()).close()
      const store = await open()
      const { client, incarnation } = store.loaded
      await clear()
      const resumed = await open({ resume: store.loaded })
      assertEqual(resumed.loaded.operations, [], 'operations')
      await put(resumed, 'k')
      resumed.close()
      const next = await open()
      assertEqual(next.loaded.client, client, 'client')
      assertEqual(next.loaded.incarnation, incarnation + 1, 'incarnation')
      assertEqual(keysOf(next.loaded.operations), ['k'], 'keys')
      next.close()
    },
  },
  {
    title: 'whoever resumes where another broker began after the clearing is refused',
    async run({ open, clear }) {
      const store = await open()
      await clear()
      const other = await open()
      assertEqual(other.loaded.incarnation, store.loaded.incarnation, 'the same count')
      await assertFenced(open({ resume: store.loaded }))
      await put(other, 'k')
      other.close()
    },
  },
  {
    title: 'a wipe leaves nothing, not even to whoever asked for it',
    async run({ open, spoil }) {
      const older = await open()
      await put(older, 'k')
      await spoil('operations', { key: 'odd', lane: 7 })
      await older.commit([{ type: 'wipe' }])
      await assertFenced(put(older, 'l'))
      const stranger = await open()
      assertEqual(stranger.loaded.operations, [], 'operations')
      assertEqual(stranger.loaded.unreadable, 0, 'unreadable')
      assertEqual(stranger.loaded.client === older.loaded.client, false, 'the same client')
      // Both count one: the client is what tells them apart.
      assertEqual(stranger.loaded.incarnation, older.loaded.incarnation, 'the same count')
      await assertFenced(put(older, 'm'))
      older.close()
      stranger.close()
    },
  },
  {
    title: 'a probe counts as nobody, fences nobody and takes no changes',
    async run({ open }) {
      const early = await open({ probe: true })
      early.close()
      const store = await open()
      assertEqual(store.loaded.incarnation, 1, 'incarnation')
      await put(store, 'k')
      const probe = await open({ probe: true })
      assertEqual((await failureOf(put(probe, 'l'))) instanceof Error, true, 'a refusal')
      probe.close()
      await put(store, 'm')
      store.close()
      const again = await open()
      assertEqual(again.loaded.client, store.loaded.client, 'client')
      assertEqual(again.loaded.incarnation, 2, 'incarnation')
      assertEqual(keysOf(again.loaded.operations), ['k', 'm'], 'keys')
      again.close()
    },
  },
]

/**
 * Owns what every store must do with what channels leave on it (P6, P7, P8): kept events that are one
 * unbroken list up to the channel's cursor, or none at all; positions of consumers; parked events.
 */
import type { Epoch } from '../../protocol/ids.js'
import type { Change, KeptEvent, Loaded, Store } from './store.js'
import {
  assertEqual,
  consumer,
  cursor,
  failureOf,
  keeping,
  kept,
  keysOf,
  operation,
  parked,
  type StoreBed,
  type StoreCase,
} from './store-contract-bed.js'

/** What the next broker finds. */
async function reread({ open }: Pick<StoreBed, 'open'>, store: Store): Promise<Loaded> {
  store.close()
  const { loaded, close } = await open()
  close()
  return loaded
}

const eventsOf = ({ histories }: Loaded, channel: string): readonly KeptEvent[] | undefined =>
  histories.get(channel)?.events

const stray = (...events: readonly KeptEvent[]): Change => ({
  type: 'put-events',
  channel: 'a',
  events,
})

/** Five rows each, of which none is given out. */
const BROKEN: Readonly<Record<string, (store: Store, bed: StoreBed) => Promise<void>>> = {
  'has a hole': (store) => store.commit(keeping('a', kept(1), kept(2), kept(4), kept(5), kept(6))),
  'ends before its cursor': (store) =>
    store.commit([
      ...keeping('a', kept(-2), kept(-1), kept(0), kept(1), kept(2)),
      { type: 'put-cursor', channel: 'a', cursor: cursor('3') },
    ]),
  'ends in another epoch': (store) =>
    store.commit([
      ...keeping('a', kept(1), kept(2), kept(3), kept(4), kept(5)),
      { type: 'put-cursor', channel: 'a', cursor: { ...cursor('5'), epoch: 'e2' as Epoch } },
    ]),
  'has two epochs': (store) => {
    const older = { ...kept(1), epoch: 'e0' as Epoch }
    return store.commit(keeping('a', older, kept(2), kept(3), kept(4), kept(5)))
  },
  'belongs to a channel without a cursor': (store) =>
    store.commit([
      { type: 'put-history', channel: 'a', limit: 9 },
      stray(kept(1), kept(2), kept(3), kept(4), kept(5)),
    ]),
  'belongs to a channel that keeps none': (store) =>
    store.commit([
      { type: 'put-cursor', channel: 'a', cursor: cursor('5') },
      stray(kept(1), kept(2), kept(3), kept(4), kept(5)),
    ]),
  'is damaged': async (store, { spoil }) => {
    await store.commit(keeping('a', kept(1), kept(2), kept(3), kept(4), kept(5)))
    await spoil('events', { channel: 'a', ...kept(4), payload: 7 })
  },
}

const brokenCases = Object.entries(BROKEN).map(
  ([which, lay]): StoreCase => ({
    title: `a kept list that ${which} is not given out, and goes with the first write`,
    async run(bed) {
      const { open, rows } = bed
      const store = await open()
      await lay(store, bed)
      const found = await reread(bed, store)
      assertEqual(eventsOf(found, 'a') ?? [], [], 'events')
      assertEqual(found.unreadable, which === 'is damaged' ? 1 : 0, 'unreadable')
      assertEqual((await rows('events')).length, 5, 'rows that a look has left')
      const again = await open()
      await again.commit([{ type: 'put-operation', operation: operation('k', 1) }])
      assertEqual(await rows('events'), [], 'rows')
      await again.commit(keeping('a', kept(1, '8')))
      await again.commit(keeping('a', kept(2, '9')))
      assertEqual(eventsOf(await reread(bed, again), 'a'), [kept(1, '8'), kept(2, '9')], 'events')
    },
  }),
)

export const channelCases: readonly StoreCase[] = [
  {
    title: 'kept events come back by channel, oldest first, with how many are wanted',
    async run(bed) {
      const store = await bed.open()
      await store.commit(keeping('a', kept(9), kept(10)))
      await store.commit([...keeping('a', kept(11)), ...keeping('b', kept(1))])
      const { histories, unreadable } = await reread(bed, store)
      const a = { limit: 3, events: [kept(9), kept(10), kept(11)] }
      assertEqual(histories.get('a'), a, 'a')
      assertEqual(histories.get('b'), { limit: 3, events: [kept(1)] }, 'b')
      assertEqual(unreadable, 0, 'unreadable')
    },
  },
  {
    title: 'a channel that is to keep some, and has none yet, comes back',
    async run(bed) {
      const store = await bed.open()
      await store.commit([{ type: 'put-history', channel: 'a', limit: 3 }])
      await store.commit([{ type: 'put-history', channel: 'a', limit: 7 }])
      const { histories } = await reread(bed, store)
      assertEqual([...histories], [['a', { limit: 7, events: [] }]], 'histories')
    },
  },
  {
    title: 'the oldest go, of this channel alone',
    async run(bed) {
      const names = ['a', 'a\0', 'aa', 'b']
      const store = await bed.open()
      for (const name of names) await store.commit(keeping(name, kept(1), kept(2), kept(3)))
      await store.commit([{ type: 'delete-events', channel: 'a', below: 3 }])
      const loaded = await reread(bed, store)
      const left = names.map((name) => eventsOf(loaded, name)?.map(({ n }) => n))
      assertEqual(left, [[3], [1, 2, 3], [1, 2, 3], [1, 2, 3]], 'numbers')
    },
  },
  {
    title: 'a channel that keeps nothing any more leaves its cursor, and the others alone',
    async run(bed) {
      const store = await bed.open()
      for (const name of ['a', 'aa']) await store.commit(keeping(name, kept(1), kept(2)))
      await store.commit([{ type: 'delete-history', channel: 'a' }])
      assertEqual((await bed.rows('events')).length, 2, 'rows')
      const { histories, cursors } = await reread(bed, store)
      assertEqual([...histories], [['aa', { limit: 3, events: [kept(1), kept(2)] }]], 'histories')
      assertEqual([...cursors.keys()].sort(), ['a', 'aa'], 'cursors')
    },
  },
  {
    title: 'changes of one batch happen in their order',
    async run(bed) {
      const store = await bed.open()
      await store.commit(keeping('a', kept(1), kept(2)))
      await store.commit([
        { type: 'delete-history', channel: 'a' },
        ...keeping('a', kept(3), kept(4), kept(5)),
        { type: 'delete-events', channel: 'a', below: 4 },
      ])
      assertEqual(eventsOf(await reread(bed, store), 'a'), [kept(4), kept(5)], 'events')
    },
  },
  {
    title: 'a cursor does not move without the events that lead to it',
    async run(bed) {
      const store = await bed.open()
      await store.commit(keeping('a', kept(1)))
      const odd = { ...kept(3), payload: () => {} } as unknown as KeptEvent
      const failure = await failureOf(store.commit(keeping('a', kept(2), odd)))
      assertEqual(failure instanceof Error, true, 'a failure')
      const loaded = await reread(bed, store)
      assertEqual([...loaded.cursors], [['a', cursor('1')]], 'cursors')
      assertEqual(eventsOf(loaded, 'a'), [kept(1)], 'events')
    },
  },
  ...brokenCases,
  {
    title: 'positions of consumers are kept by channel and name',
    async run(bed) {
      const store = await bed.open()
      const names = [
        ['a', 'x'],
        ['a', 'y'],
        ['b', 'x'],
      ] as const
      for (const [channel, name] of names) {
        await store.commit([{ type: 'put-consumer', consumer: consumer(channel, name, '') }])
      }
      await store.commit([{ type: 'put-consumer', consumer: consumer('a', 'x', '7') }])
      const { consumers, cursors } = await reread(bed, store)
      const found = consumers.map(({ channel, name, cursor: { id } }) => [channel, name, id].join())
      assertEqual([...found].sort(), ['a,x,7', 'a,y,', 'b,x,'], 'consumers')
      assertEqual([...cursors], [], 'cursors')
    },
  },
  {
    title: 'parked events come back whole, in the order in which they were parked',
    async run(bed) {
      const store = await bed.open()
      await store.commit([
        { type: 'put-parked', parked: parked('z', 1) },
        { type: 'put-parked', parked: parked('gone', 2) },
      ])
      await store.commit([
        { type: 'put-parked', parked: parked('a', 3) },
        { type: 'delete-parked', key: 'gone' },
        { type: 'delete-parked', key: 'never there' },
      ])
      const loaded = await reread(bed, store)
      assertEqual(loaded.parked, [parked('z', 1), parked('a', 3)], 'parked')
    },
  },
  {
    title: 'what consumers left and nobody can read is counted, stepped over and left alone',
    async run(bed) {
      const store = await bed.open()
      await store.commit([
        { type: 'put-consumer', consumer: consumer('a', 'x', '7') },
        { type: 'put-parked', parked: parked('k', 1) },
      ])
      await bed.spoil('consumers', { channel: 'a', name: 'odd', cursor: 'who knows' })
      await bed.spoil('parked', { key: 'odd' })
      const loaded = await reread(bed, store)
      assertEqual(loaded.consumers, [consumer('a', 'x', '7')], 'consumers')
      assertEqual(keysOf(loaded.parked), ['k'], 'parked')
      assertEqual(loaded.unreadable, 2, 'unreadable')
      const again = await bed.open()
      await again.commit([{ type: 'delete-parked', key: 'k' }])
      assertEqual((await reread(bed, again)).unreadable, 2, 'unreadable after a write')
    },
  },
  {
    title: 'a wipe takes all of it along',
    async run(bed) {
      const store = await bed.open()
      await store.commit([
        ...keeping('a', kept(1)),
        { type: 'put-consumer', consumer: consumer('a', 'x', '7') },
        { type: 'put-parked', parked: parked('k', 1) },
      ])
      await bed.spoil('events', { channel: 'a', n: 'odd' })
      await store.commit([{ type: 'wipe' }])
      for (const shelf of ['events', 'consumers', 'parked'] as const) {
        assertEqual(await bed.rows(shelf), [], shelf)
      }
      const { histories, cursors } = await reread(bed, store)
      assertEqual([...histories, ...cursors], [], 'channels')
    },
  },
  {
    title: 'a probe sweeps nothing away',
    async run(bed) {
      const store = await bed.open()
      await store.commit([stray(kept(1))])
      store.close()
      const probe = await bed.open({ probe: true })
      assertEqual([...probe.loaded.histories], [], 'histories')
      const refusal = await failureOf(probe.commit(keeping('a', kept(2))))
      assertEqual(refusal instanceof Error, true, 'a refusal')
      probe.close()
      assertEqual((await bed.rows('events')).length, 1, 'rows')
    },
  },
]

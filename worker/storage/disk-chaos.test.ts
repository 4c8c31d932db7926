/** Whatever befalls a disk, and in whatever order: what was reported as durable is durable (P2). */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ClientId } from '../../protocol/ids.js'
import { createFaultyEngine, type FaultyEngine } from '../../testing/faulty-engine.js'
import { createVirtualClock, settled } from '../../testing/virtual-clock.js'
import { openDisk } from './disk.js'
import { openMemoryStore } from './memory-store.js'
import type { Change, KeptEvent } from './store.js'
import { consumer, cursor, kept, operation, parked } from './store-contract-bed.js'

type Blow =
  | { readonly type: 'write' | 'drop'; readonly key: string }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'event' | 'gap' | 'park' }
  | { readonly type: 'fails' | 'does not open' | 'heals' | 'stalls' | 'goes on' | 'is severed' }

const key = fc.constantFrom('a', 'b', 'c', 'd')
const blow: fc.Arbitrary<Blow> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('write' as const), key }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('drop' as const), key }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom('event' as const, 'event' as const, 'gap' as const, 'park' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('wait' as const),
      ms: fc.constantFrom(0, 700, 2_500, 6_000, 40_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom(
        'fails' as const,
        'does not open' as const,
        'heals' as const,
        'stalls' as const,
        'goes on' as const,
        'is severed' as const,
      ),
    }),
  },
)

const CHANNEL = 'board'
const LIMIT = 3

/** A channel that keeps its last events, and a consumer that parks each: what one batch moves, moves at once. */
function createChannel() {
  let id = 0
  let n = 0
  let events: KeptEvent[] = []
  let place = 0
  /** What belongs to each cursor. */
  const lists = new Map<string | undefined, readonly KeptEvent[]>([[undefined, []]])

  const putCursor = (): Change => ({
    type: 'put-cursor',
    channel: CHANNEL,
    cursor: cursor(`${id}`),
  })
  const putConsumer = (): Change => ({
    type: 'put-consumer',
    consumer: consumer(CHANNEL, 'x', `${place}`),
  })
  const putParked = (at: number): Change => ({ type: 'put-parked', parked: parked(`${at}`, at) })
  const placesUpTo = (at: number): number[] =>
    Array.from({ length: Math.min(at, LIMIT) }, (_, index) => at - index).reverse()

  function go(): Change[] {
    lists.set(`${id}`, events)
    const below = events[0]?.n ?? n + 1
    return [{ type: 'delete-events', channel: CHANNEL, below }, putCursor()]
  }

  return {
    event(): Change[] {
      id += 1
      n += 1
      const event = kept(n, `${id}`)
      events = [...events, event].slice(-LIMIT)
      return [
        { type: 'put-history', channel: CHANNEL, limit: LIMIT },
        { type: 'put-events', channel: CHANNEL, events: [event] },
        ...go(),
      ]
    },
    gap(): Change[] {
      id += 5
      events = []
      return go()
    },
    park(): Change[] {
      place += 1
      return [putParked(place), { type: 'delete-parked', key: `${place - LIMIT}` }, putConsumer()]
    },
    snapshot: (): Change[] => [
      ...(id ? [putCursor()] : []),
      ...(n ? [{ type: 'put-history', channel: CHANNEL, limit: LIMIT } as const] : []),
      ...(events.length ? [{ type: 'put-events', channel: CHANNEL, events } as const] : []),
      ...(place ? [putConsumer()] : []),
      ...placesUpTo(place).map(putParked),
    ],
    /** Whatever moment of it is on the disk, it is a whole one. */
    async check({ disk }: FaultyEngine) {
      const request = {
        line: 'line',
        durability: 'strict',
        newClient: () => 'c' as ClientId,
      } as const
      const { loaded, close } = await openMemoryStore({ ...request, probe: true }, disk)
      close()
      expect(loaded.unreadable).toBe(0)
      const list = lists.get(loaded.cursors.get(CHANNEL)?.id)
      expect(loaded.histories.get(CHANNEL)?.events ?? []).toEqual(list)
      expect(disk.events.size).toBe(list?.length)
      const at = Number(loaded.consumers[0]?.cursor.id ?? 0)
      expect(loaded.parked.map((one) => one.n)).toEqual(placesUpTo(at))
      return { id: Number(loaded.cursors.get(CHANNEL)?.id ?? 0), place: at }
    },
    get now() {
      return { id, place }
    },
  }
}

async function befall(blows: readonly Blow[]): Promise<void> {
  const clock = createVirtualClock()
  const engine = createFaultyEngine()
  const truth = new Map<string, Change>()
  /** Reported as durable, and nobody has asked for anything else since. */
  const promised = new Map<string, number>()
  const channel = createChannel()
  /** How far it was reported as durable. */
  let reached = channel.now
  const troubles: boolean[] = []
  let letGo = (): void => {}
  let n = 0
  const disk = await openDisk({
    open: engine.open,
    request: { line: 'line', durability: 'strict', newClient: () => 'client' as ClientId },
    clock,
    snapshot: () => [...truth.values(), ...channel.snapshot()],
    onTrouble: (error) => troubles.push(error !== undefined),
    onFenced: () => expect.unreachable('there is no other broker'),
    onFound: () => expect.unreachable('it was never missing'),
  })

  async function strike(one: Blow): Promise<void> {
    switch (one.type) {
      case 'write': {
        n += 1
        const own = n
        const change: Change = { type: 'put-operation', operation: operation(one.key, own) }
        truth.set(one.key, change)
        promised.delete(one.key)
        const isLast = (): boolean => truth.get(one.key) === change
        disk.write([change]).then(
          () => isLast() && promised.set(one.key, own),
          () => {},
        )
        return
      }
      case 'drop':
        truth.delete(one.key)
        promised.delete(one.key)
        disk.write([{ type: 'delete-operation', key: one.key }]).catch(() => {})
        return
      case 'event':
      case 'gap':
      case 'park': {
        const changes = channel[one.type]()
        const { now } = channel
        disk.write(changes).then(
          () => {
            reached = now
          },
          () => {},
        )
        return
      }
      case 'wait':
        return clock.advance(one.ms)
      case 'fails':
        engine.commitFault = () => new DOMException('no room', 'QuotaExceededError')
        return
      case 'does not open':
        engine.openFault = new DOMException('internal error', 'UnknownError')
        return
      case 'heals':
        engine.commitFault = () => undefined
        engine.openFault = undefined
        return
      case 'stalls':
        letGo()
        letGo = engine.stall()
        return
      case 'goes on':
        return letGo()
      case 'is severed':
        engine.disk.sever(new Error('the browser closed the database'))
    }
  }

  for (const one of blows) {
    await strike(one)
    await settled()
    for (const [stored, version] of promised) {
      expect(engine.disk.operations.get(stored)?.n).toBe(version)
    }
    const { id, place } = await channel.check(engine)
    expect(id).toBeGreaterThanOrEqual(reached.id)
    expect(place).toBeGreaterThanOrEqual(reached.place)
    const isFine = troubles.at(-1) !== true
    expect(disk.trouble === undefined).toBe(isFine)
  }

  letGo()
  await strike({ type: 'heals' })
  await clock.advance(70_000)
  expect(disk.trouble).toBeUndefined()
  const onDisk = [...engine.disk.operations.values()].map((one) => [one.key, one.n])
  const wanted = [...truth.values()].map((change) =>
    change.type === 'put-operation' ? [change.operation.key, change.operation.n] : [],
  )
  expect(onDisk.sort()).toEqual(wanted.sort())
  expect(await channel.check(engine)).toEqual(channel.now)
  expect(engine.disk.incarnation).toBe(1)
  await disk.close()
  await settled()
  expect(clock.pending).toBe(0)
  expect(engine.connections).toBe(0)
}

it('[P2][P6][P8][F22][F23] keeps what it has promised through any blows, and heals', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(blow, { maxLength: 40 }), (blows) => befall(blows)),
    { numRuns: 500 },
  )
})

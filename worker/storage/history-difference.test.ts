/** What a disk that broke is told of kept events when it works again. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ClientId } from '../../protocol/ids.js'
import { historyDifference } from './history-difference.js'
import { createMemoryDisk, openMemoryStore } from './memory-store.js'
import type { Change, History, KeptEvent } from './store.js'
import { kept } from './store-contract-bed.js'

const put = (channel: string, limit: number, ...events: KeptEvent[]): Change[] => [
  { type: 'put-history', channel, limit },
  { type: 'put-events', channel, events },
]

const onDisk = (limit: number, ...events: KeptEvent[]) => new Map([['a', { limit, events }]])

describe('the difference between the kept events on a disk and those that should be there', () => {
  it('[P6] is nothing where both are the same', () => {
    const wanted = structuredClone(put('a', 3, kept(1), kept(2)))
    expect(historyDifference(onDisk(3, kept(1), kept(2)), wanted)).toEqual([])
    expect(historyDifference(onDisk(3), [{ type: 'put-history', channel: 'a', limit: 3 }])).toEqual(
      [],
    )
  })

  it('[F22] is what went and what came, where the list has gone on', () => {
    const found = onDisk(3, kept(1), kept(2), kept(3))
    expect(historyDifference(found, put('a', 3, kept(2), kept(3), kept(4)))).toEqual([
      { type: 'delete-events', channel: 'a', below: 2 },
      { type: 'put-events', channel: 'a', events: [kept(4)] },
    ])
  })

  it('[P6] empties what a gap has emptied', () => {
    const found = onDisk(3, kept(1), kept(2))
    const below = Number.POSITIVE_INFINITY
    expect(historyDifference(found, [{ type: 'put-history', channel: 'a', limit: 5 }])).toEqual([
      { type: 'delete-events', channel: 'a', below },
      { type: 'put-history', channel: 'a', limit: 5 },
    ])
  })

  it('[P6] keeps nothing of a list that reaches further than ours', () => {
    const found = onDisk(3, kept(2), kept(3), kept(4))
    expect(historyDifference(found, put('a', 3, kept(2), kept(3)))).toEqual([
      { type: 'delete-events', channel: 'a', below: Number.POSITIVE_INFINITY },
      { type: 'put-events', channel: 'a', events: [kept(2), kept(3)] },
    ])
  })

  it('[P14] takes away what no channel is to keep any more, before it puts', () => {
    expect(historyDifference(onDisk(3, kept(1)), put('b', 3, kept(1)))).toEqual([
      { type: 'delete-history', channel: 'a' },
      ...put('b', 3, kept(1)),
    ])
  })

  it('[P6][F22] leads from any disk to any wish', async () => {
    const channel = fc.constantFrom('a', 'b', 'c')
    const history = fc
      .record({
        limit: fc.integer({ min: 1, max: 2 }),
        first: fc.nat(4),
        length: fc.nat(4),
        mark: fc.constantFrom('', '!'),
      })
      .map(({ limit, first, length, mark }): History => {
        const events = Array.from({ length }, (_, i) => kept(first + i, `${first + i}${mark}`))
        return { limit, events }
      })
    const histories = fc
      .array(fc.tuple(channel, history))
      .map((pairs): ReadonlyMap<string, History> => new Map(pairs))
    const changesFor = (all: ReadonlyMap<string, History>): Change[] =>
      [...all].flatMap(([name, { limit, events }]): Change[] => {
        const { epoch, id } = events.at(-1) ?? kept(0)
        const cursor: Change = { type: 'put-cursor', channel: name, cursor: { epoch, id } }
        return [cursor, ...put(name, limit, ...events)]
      })
    await fc.assert(
      fc.asyncProperty(histories, histories, async (before, after) => {
        const disk = createMemoryDisk()
        const request = {
          line: 'line',
          durability: 'strict',
          newClient: () => 'c' as ClientId,
        } as const
        const first = await openMemoryStore(request, disk)
        await first.commit(changesFor(before))
        const store = await openMemoryStore(request, disk)
        expect(store.loaded.histories).toEqual(before)
        const wanted = changesFor(after)
        const cursors = wanted.filter(({ type }) => type === 'put-cursor')
        await store.commit([...cursors, ...historyDifference(before, wanted)])
        const { loaded } = await openMemoryStore(request, disk)
        expect(loaded.histories).toEqual(after)
        const rows = [...after.values()].flatMap(({ events }) => events)
        expect(disk.events.size).toBe(rows.length)
      }),
    )
  })
})

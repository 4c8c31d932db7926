import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Cursor } from '../../protocol/ids.js'
import type { News, Subscription } from '../../protocol/port.js'
import { at, createChannelsWorld, NEWS } from '../../testing/channels-world.js'
import { createLogServer } from '../../testing/log-server.js'
import type { Subscriber } from './subscriber.js'

const LIMIT = 8

const step = fc.oneof(
  fc.record({ do: fc.constant('publish' as const), by: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ do: fc.constantFrom('join', 'trim', 'rollBack'), by: fc.nat(12) }),
  fc.record({
    do: fc.constantFrom('read', 'read', 'read', 'leave', 'hush', 'snapshot'),
    by: fc.nat(5),
  }),
  fc.record({
    do: fc.constantFrom(
      ...(['look', 'look', 'deliver', 'pump', 'pump', 'pump'] as const),
      ...(['cut', 'resume', 'resume', 'break', 'mend', 'mend', 'forget'] as const),
    ),
    by: fc.constant(0),
  }),
  fc.record({ do: fc.constantFrom('now', 'last', 'history', 'unheard'), by: fc.nat(LIMIT) }),
)
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never

interface Member {
  readonly tab: ReturnType<ReturnType<typeof createChannelsWorld>['openTab']>
  readonly subscriber: Subscriber
}

const AN_EVENT: readonly Step[] = [
  { do: 'publish', by: 1 },
  { do: 'pump', by: 0 },
  { do: 'read', by: 0 },
]

/** What has failed once. */
const FOUND: readonly (readonly Step[])[] = [
  [
    { do: 'now', by: 0 },
    { do: 'publish', by: 5 },
    { do: 'now', by: 0 },
    { do: 'snapshot', by: 0 },
    { do: 'read', by: 2 },
    { do: 'pump', by: 0 },
    { do: 'read', by: 0 },
  ],
  [
    ...AN_EVENT,
    { do: 'break', by: 0 },
    ...AN_EVENT,
    { do: 'mend', by: 0 },
    { do: 'publish', by: 1 },
    { do: 'pump', by: 0 },
    { do: 'rollBack', by: 0 },
  ],
]

const nameOf = ({ epoch, id }: Cursor): string => `${epoch} ${id}`

/** Where somebody stands who has confirmed this news. */
function endOf(news: News): Cursor | undefined {
  if (news.kind === 'position' || news.kind === 'gap') return news.cursor
  if (news.kind !== 'events' || news.isKept) return undefined
  const id = news.ids.at(-1)
  return id && { epoch: news.epoch, id }
}

/** What is wrong with the kept events on a disk that has this cursor. */
function faultIn(
  cursor: Cursor | undefined,
  { records }: Pick<ReturnType<typeof createChannelsWorld>, 'records'>,
): string | undefined {
  const { limit, events } = records.get(NEWS) ?? { limit: 0, events: [] }
  const [first, last] = [events[0], events.at(-1)]
  if (events.length > limit) return `${events.length} kept, and ${limit} wanted`
  if (!first || !last) return undefined
  if (!cursor || nameOf(last) !== nameOf(cursor)) return `they end at ${last.id}`
  for (const [i, { n, epoch, id, payload }] of events.entries()) {
    if (n !== first.n + i || Number(id) !== Number(first.id) + i || epoch !== first.epoch) {
      return `a hole before ${id}`
    }
    if (payload !== `"${id}"`) return `${payload} is not ${id}`
  }
  return undefined
}

/** Plays them, and says what was ever kept. */
async function play(steps: readonly Step[], hasPages: boolean): Promise<number> {
  const faults: unknown[] = []
  let kept = 0
  const world = createChannelsWorld({
    hasPages,
    onCommit() {
      const fault = faultIn(world.disk.get(NEWS), world)
      if (fault) faults.push(fault)
      kept = Math.max(kept, world.records.get(NEWS)?.events.length ?? 0)
    },
  })
  const { openTab, channels, clock, disk } = world
  const server = createLogServer(world, 20)
  /** Every place that somebody has confirmed while it was heard. */
  const heard = new Set<string>()
  const members: Member[] = []
  let isRolledBack = false
  let known = 0

  const join = (from: Subscription['from'], more = {}): void => {
    const tab = openTab()
    members.push({ tab, subscriber: tab.subscribe(from, NEWS, more) })
  }
  const read = ({ tab, subscriber }: Member): void => {
    tab.read()
    if (subscriber.isUnheard) return
    for (const end of tab.told.map(endOf)) if (end) heard.add(nameOf(end))
  }
  const run = (one: Step): void => {
    const member = members[one.by % members.length]
    const back = { after: at(String(Math.max(0, server.head - one.by)), server.epoch) }
    if (one.do === 'publish') server.publish(one.by)
    else if (one.do === 'join') join(back)
    else if (one.do === 'now' || one.do === 'last') join(one.do)
    else if (one.do === 'history') join('last', { history: Math.max(1, one.by) })
    else if (one.do === 'unheard') join(back, { isUnheard: true })
    else if (one.do === 'look') server.look()
    else if (one.do === 'deliver') server.deliver()
    else if (one.do === 'pump') server.pump(4)
    else if (one.do === 'cut') server.cut()
    else if (one.do === 'resume') server.resume()
    else if (one.do === 'break' || one.do === 'mend') world.breakDisk(one.do === 'break')
    else if (one.do === 'forget') member?.subscriber.channel.giveUp()
    else if (one.do === 'trim') server.trim(server.head - one.by)
    else if (one.do === 'rollBack') {
      isRolledBack = true
      server.rollBack(one.by)
    } else if (!member) return
    else if (one.do === 'read') read(member)
    else if (one.do === 'hush') channels.hush(member.subscriber)
    else {
      members.splice(members.indexOf(member), 1)
      if (one.do === 'snapshot') {
        channels.hush(member.subscriber)
        member.tab.read()
        join(back)
      }
      channels.unsubscribe(member.subscriber)
    }
  }

  join('last', { history: 1 })
  server.look()
  for (const one of steps) {
    run(one)
    await clock.advance(100)
    const cursor = disk.get(NEWS)
    if (!cursor) continue
    expect([...heard]).toContain(nameOf(cursor))
    if (isRolledBack) continue
    expect(Number(cursor.id)).toBeGreaterThanOrEqual(known)
    known = Number(cursor.id)
  }
  expect(faults).toEqual([])
  return kept
}

describe('whatever happens to tabs, server, line and disk', () => {
  for (const hasPages of [true, false]) {
    it(`[P6][P7][F21][G29] the disk stands where somebody heard has stood, and what is kept ends there, ${
      hasPages ? 'with' : 'without'
    } pages`, async () => {
      let kept = 0
      await fc.assert(
        fc.asyncProperty(fc.array<Step>(step, { maxLength: 80, size: 'max' }), async (steps) => {
          kept = Math.max(kept, await play(steps, hasPages))
        }),
        { numRuns: 400, examples: FOUND.map((steps) => [steps]) },
      )
      expect(kept).toBeGreaterThan(1)
    })
  }
})

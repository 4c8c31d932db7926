import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DownBody } from '../../protocol/wire/frames-down.js'
import { createVirtualClock, settled } from '../virtual-environment.js'
import type { Holder, Watcher } from './room.js'
import { createRoster } from './roster.js'

const LIMITS = {
  frameEvents: 1_000,
  frameChars: 1_000_000,
  members: 1_000,
  presenceMs: 50,
  graceMs: 10_000,
}

const holderOf = (author: string): Holder => ({ author, member: `m-${author}`, identity: author })

/** Folds what it is told, as a client does; throws at a change to what it does not know. */
function createListener() {
  let isFull = false
  let members: Map<string, string> | undefined
  const frames: DownBody<'presence'>[] = []
  const watcher: Watcher = {
    hasRoom: () => !isFull,
    tell(messages) {
      for (const message of messages) {
        const [[, body]] = JSON.parse(message) as [[string, DownBody<'presence'>]]
        frames.push(body)
        if (body.whole) members = new Map()
        if (!members) throw new Error('a change before the whole list')
        for (const left of body.left) {
          if (!members.delete(left)) throw new Error(`${left} was never there`)
        }
        for (const { member, state } of body.members) members.set(member, state)
      }
    },
  }
  return {
    watcher,
    frames,
    fill: (full: boolean) => {
      isFull = full
    },
    sees: () => members && Object.fromEntries(members),
  }
}

describe('a room', () => {
  test('[P14] [G94] tells of so many members and no more; who waits moves up', async () => {
    const clock = createVirtualClock()
    const roster = createRoster(clock, { ...LIMITS, members: 3 })
    const { watcher, sees } = createListener()
    roster.watch('board', watcher)
    for (const author of ['a', 'b', 'c', 'd', 'e']) roster.sit('board', holderOf(author), author)
    await settled()
    expect(Object.values(sees() ?? {})).toEqual(['a', 'b', 'c'])
    roster.stand('board', 'd')
    roster.stand('board', 'a')
    await clock.advance(50)
    expect(Object.values(sees() ?? {})).toEqual(['b', 'c', 'e'])
    expect(roster.stats()).toEqual({ members: 3, watchers: 1 })
  })

  test('[P14] cuts a long list into messages of bearable size', async () => {
    const roster = createRoster(createVirtualClock(), { ...LIMITS, frameChars: 20_000 })
    for (let n = 0; n < 1_000; n++) roster.sit('board', holderOf(`${n}`), 'x'.repeat(1_000))
    const { watcher, frames, sees } = createListener()
    roster.watch('board', watcher)
    await settled()
    expect(Object.keys(sees() ?? {})).toHaveLength(1_000)
    expect(frames.map(({ whole }) => whole).filter(Boolean)).toHaveLength(1)
    for (const frame of frames) expect(JSON.stringify(frame).length).toBeLessThan(25_000)
  })

  test('[P14] a thousand who come at once are told in a few frames each', async () => {
    const clock = createVirtualClock()
    const roster = createRoster(clock, LIMITS)
    const listeners = Array.from({ length: 1_000 }, (_, n) => {
      const listener = createListener()
      roster.sit('board', holderOf(`${n}`), '1')
      roster.watch('board', listener.watcher)
      return listener
    })
    await clock.advance(100)
    expect(listeners.reduce((sum, { frames }) => sum + frames.length, 0)).toBe(1_000)
    for (const { sees } of listeners) expect(Object.keys(sees() ?? {})).toHaveLength(1_000)
  })

  test('[P14] [F44] a watcher without room is told the whole later, and slows nobody', async () => {
    const clock = createVirtualClock()
    const roster = createRoster(clock, LIMITS)
    const [slow, quick] = [createListener(), createListener()]
    for (const { watcher } of [slow, quick]) roster.watch('board', watcher)
    await clock.advance(50)
    slow.fill(true)
    for (const state of ['1', '2', '3']) {
      roster.sit('board', holderOf('a'), state)
      await clock.advance(50)
    }
    expect([quick.sees(), slow.frames.length]).toEqual([{ 'm-a': '3' }, 1])
    slow.fill(false)
    await clock.advance(1_000)
    expect(slow.frames.map(({ whole }) => whole)).toEqual([true, true])
    expect(slow.sees()).toEqual({ 'm-a': '3' })
    expect(clock.timers).toBe(0)
  })
})

test('[P14] a watcher may be gone over what it is told: nothing is left of it', async () => {
  const clock = createVirtualClock()
  const roster = createRoster(clock, LIMITS)
  const full: Watcher = { hasRoom: () => false, tell: () => undefined }
  const broken: Watcher = {
    hasRoom: () => true,
    tell() {
      for (const watcher of [full, broken]) roster.unwatch('board', watcher)
      roster.stand('board', 'a')
    },
  }
  roster.watch('board', full)
  roster.watch('board', broken)
  roster.sit('board', holderOf('a'), '1')
  await settled()
  expect([roster.stats(), clock.timers]).toEqual([{ members: 0, watchers: 0 }, 0])
})

const act = fc.record({
  do: fc.constantFrom('sit', 'stand', 'lose', 'back', 'watch', 'unwatch', 'fill', 'wait'),
  who: fc.integer({ min: 0, max: 4 }),
  n: fc.nat(9),
})

test('whatever comes and goes, every watcher ends with the truth and hears of nothing unknown', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 60 }), async (acts) => {
      const clock = createVirtualClock()
      const roster = createRoster(clock, { ...LIMITS, members: 4, graceMs: 100 })
      const names = ['a', 'b', 'c', 'd', 'e']
      const holders = names.map(holderOf)
      const listeners = names.map(createListener)
      const watching = new Set<number>()
      /** What each shows, in the order of their coming, and until when if its connection is lost. */
      const truth = new Map<number, { state: string; until: number }>()
      for (const { do: what, who, n } of acts) {
        const [holder, listener] = [holders[who], listeners[who]]
        if (!holder || !listener) throw new Error('nobody')
        const seat = truth.get(who)
        if (what === 'sit') {
          roster.sit('board', holder, `${n}`)
          truth.set(who, { state: `${n}`, until: Infinity })
        } else if (what === 'stand') {
          roster.stand('board', holder.author)
          truth.delete(who)
        } else if (what === 'lose') {
          roster.lose(holder)
          holders[who] = { ...holder }
          if (seat?.until === Infinity) seat.until = clock.now() + 100
        } else if (what === 'back') {
          roster.adopt('board', holder)
          if (seat) seat.until = Infinity
        } else if (what === 'watch') {
          roster.watch('board', listener.watcher)
          watching.add(who)
        } else if (what === 'unwatch') {
          roster.unwatch('board', listener.watcher)
          watching.delete(who)
        } else if (what === 'fill') listener.fill(n % 2 === 1)
        else await clock.advance(n * 10)
        for (const [name, { until }] of truth) if (until <= clock.now()) truth.delete(name)
      }
      for (const listener of listeners) listener.fill(false)
      await clock.advance(5_000)
      const there = [...truth].filter(([, { until }]) => until === Infinity)
      for (const who of watching) {
        const seen = listeners[who]?.sees()
        const expected = there.map(([name, { state }]) => [`m-${names[name]}`, state])
        if (expected.length <= 4) expect(seen).toEqual(Object.fromEntries(expected))
        else expect(Object.keys(seen ?? {})).toHaveLength(4)
      }
      expect(roster.stats()).toEqual({ members: there.length, watchers: watching.size })
      expect(clock.timers).toBe(0)
    }),
    { numRuns: 300, seed: 4 },
  )
}, 30_000)

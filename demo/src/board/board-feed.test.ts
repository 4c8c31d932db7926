import type { Channel, Cursor, EventHandler, SubscribeOptions } from 'partyline'
import { describe, expect, it } from 'vitest'
import { EMPTY_BOARD } from '../../shared/board.js'
import { type BoardEvent, happen } from '../../shared/events.js'
import type { Snapshot } from '../../shared/snapshot.js'
import type { Clock } from '../clock.js'
import { type BoardCache, createBoardCache, forgetBoards } from './board-cache.js'
import { createBoardFeed } from './board-feed.js'

const cursor = (id: string): Cursor => ({ epoch: 'e', id }) as Cursor
const added = (card: string): BoardEvent =>
  happen(
    {
      type: 'card.add',
      payload: {
        card,
        title: card,
        note: '',
        colour: 'plain',
        assignee: '',
        column: 'todo',
        rank: 'i01',
      },
    },
    { key: `key of ${card}`, by: 'Ada', at: 1 },
  )
const flush = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
}

function stage(kept?: Snapshot<Cursor>) {
  const timers: { at: number; run: () => void }[] = []
  let now = 0
  const clock: Clock = {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + ms, run }
      timers.push(timer)
      return () => {
        timers.splice(timers.indexOf(timer), timers.includes(timer) ? 1 : 0)
      }
    },
  }
  const subscriptions: {
    handler: EventHandler<BoardEvent>
    options: SubscribeOptions
    isStopped: boolean
  }[] = []
  const channel: Pick<Channel<BoardEvent>, 'subscribe'> = {
    subscribe(handler, options = {}) {
      const mine = { handler, options: options as SubscribeOptions, isStopped: false }
      subscriptions.push(mine)
      return {
        channel: 'board/home',
        cursor: undefined,
        stop: () => {
          mine.isStopped = true
        },
        [Symbol.dispose]() {},
      }
    },
  }
  const written: Snapshot<Cursor>[] = []
  const cache: BoardCache = { read: () => kept, write: (snapshot) => written.push(snapshot) }
  const answers: (Snapshot<Cursor> | undefined)[] = []
  let fetches = 0
  const feed = createBoardFeed({
    channel,
    cache,
    clock,
    fetchSnapshot: async () => {
      fetches += 1
      const answer = answers.shift()
      if (!answer) throw new Error('no network')
      return answer
    },
  })
  return {
    feed,
    written,
    subscriptions,
    answers,
    fetches: () => fetches,
    latest: () => subscriptions.at(-1),
    deliver(event: BoardEvent, id: string) {
      subscriptions
        .at(-1)
        ?.handler(event, { channel: 'board/home', id: cursor(id).id, cursor: cursor(id) })
    },
    gap: () =>
      subscriptions
        .at(-1)
        ?.options.onGap?.({ channel: 'board/home', reason: 'trimmed', cursor: cursor('90') }),
    async pass(ms: number) {
      now += ms
      for (const timer of timers.filter(({ at }) => at <= now)) {
        timers.splice(timers.indexOf(timer), 1)
        timer.run()
      }
      await flush()
    },
  }
}

describe('the board feed', () => {
  it('[P7] paints from the cache and asks only for what came after it', () => {
    const { feed, latest, fetches } = stage({ state: EMPTY_BOARD, at: cursor('5') })
    expect(feed.value.isKnown).toBe(true)
    expect(latest()?.options.from).toEqual({ after: cursor('5') })
    expect(fetches()).toBe(0)
  })

  it('fetches the board when there is no cache, and keeps trying without a network', async () => {
    const scene = stage()
    await flush()
    expect(scene.feed.value.isKnown).toBe(false)
    scene.answers.push({ state: EMPTY_BOARD, at: cursor('3') })
    await scene.pass(1000)
    expect(scene.feed.value.isKnown).toBe(true)
    expect(scene.latest()?.options.from).toEqual({ after: cursor('3') })
    expect(scene.written).toEqual([{ state: EMPTY_BOARD, at: cursor('3') }])
  })

  it('does not wait for the next attempt when it is told to hurry', async () => {
    const scene = stage()
    await flush()
    scene.answers.push({ state: EMPTY_BOARD, at: cursor('3') })
    scene.feed.hurry()
    await flush()
    expect(scene.feed.value.isKnown).toBe(true)
    await scene.pass(60_000)
    expect(scene.fetches()).toBe(2)
  })

  it('[P6] caches state and position as one', async () => {
    const scene = stage({ state: EMPTY_BOARD, at: cursor('5') })
    scene.deliver(added('a'), '6')
    scene.deliver(added('b'), '7')
    expect(scene.written).toEqual([])
    await scene.pass(500)
    expect(scene.written).toHaveLength(1)
    expect(scene.written[0]?.at).toEqual(cursor('7'))
    expect(Object.keys(scene.written[0]?.state.cards ?? {})).toEqual(['a', 'b'])
  })

  it('[P6] replaces state and subscription by a snapshot when events are missing', async () => {
    const scene = stage({ state: EMPTY_BOARD, at: cursor('5') })
    scene.answers.push({ state: { cards: {}, settled: ['x'] }, at: cursor('95') })
    scene.gap()
    expect(scene.subscriptions[0]?.isStopped).toBe(true)
    await flush()
    expect(scene.feed.value.board.settled).toEqual(['x'])
    expect(scene.latest()?.options.from).toEqual({ after: cursor('95') })
  })

  it('does not spin when each snapshot leads to another gap', async () => {
    const scene = stage({ state: EMPTY_BOARD, at: cursor('5') })
    for (let round = 0; round < 3; round++) {
      scene.answers.push({ state: EMPTY_BOARD, at: cursor('6') })
      scene.gap()
      await flush()
    }
    expect(scene.fetches()).toBe(1)
    await scene.pass(2000)
    expect(scene.fetches()).toBe(2)
  })

  it('writes what it has when it is closed, and does nothing after that', async () => {
    const scene = stage({ state: EMPTY_BOARD, at: cursor('5') })
    scene.deliver(added('a'), '6')
    scene.feed.close()
    scene.feed.close()
    expect(scene.written.map(({ at }) => at)).toEqual([cursor('6')])
    expect(scene.subscriptions[0]?.isStopped).toBe(true)
    await scene.pass(60_000)
    expect(scene.fetches()).toBe(0)
  })
})

describe('the cache', () => {
  const shelf = () => {
    const items = new Map<string, string>()
    return {
      items,
      get length() {
        return items.size
      },
      key: (at: number) => [...items.keys()][at] ?? null,
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => void items.set(key, value),
      removeItem: (key: string) => void items.delete(key),
    }
  }
  const snapshot = { state: EMPTY_BOARD, at: cursor('5') }

  it('[P13] keeps the boards of two people apart', () => {
    const items = shelf()
    createBoardCache(items, 'Ada', 'home').write(snapshot)
    expect(createBoardCache(items, 'Ada', 'home').read()).toEqual(snapshot)
    expect(createBoardCache(items, 'Ben', 'home').read()).toBeUndefined()
    expect(createBoardCache(items, 'Ada', 'other').read()).toBeUndefined()
  })

  it('[P13] forgets one person’s boards and no others', () => {
    const items = shelf()
    for (const name of ['Ada', 'Ada B', 'Ben']) {
      createBoardCache(items, name, 'home').write(snapshot)
    }
    forgetBoards(items, 'Ada')
    const kept = ['Ada', 'Ada B', 'Ben'].filter((name) =>
      createBoardCache(items, name, 'home').read(),
    )
    expect(kept).toEqual(['Ada B', 'Ben'])
  })

  it('is empty after a change of format or a broken entry', () => {
    const items = shelf()
    const cache = createBoardCache(items, 'Ada', 'home')
    cache.write(snapshot)
    const [key = ''] = items.items.keys()
    for (const broken of ['{', 'null', '{"format":0}', '"text"']) {
      items.setItem(key, broken)
      expect(cache.read()).toBeUndefined()
    }
  })

  it('goes without when the disk is full', () => {
    const full = {
      ...shelf(),
      setItem: () => {
        throw new DOMException('full', 'QuotaExceededError')
      },
    }
    expect(() => createBoardCache(full, 'Ada', 'home').write(snapshot)).not.toThrow()
  })
})

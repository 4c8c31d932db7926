import type { Line, OutboxEntry } from 'partyline'
import { describe, expect, it } from 'vitest'
import { EMPTY_BOARD } from '../../shared/board.js'
import { type Command, channelOf } from '../../shared/commands.js'
import { happen } from '../../shared/events.js'
import { fold } from '../../shared/fold.js'
import { createCell } from '../cell.js'
import { createBoardActions } from './board-actions.js'
import type { FeedState } from './board-feed.js'
import { createBoardStore } from './board-store.js'
import { LINGER_MS } from './waiting.js'

const flush = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
}

function stage() {
  let now = 0
  let serial = 0
  const timers = new Set<{ at: number; run: () => void }>()
  const outbox = createCell<readonly OutboxEntry[]>([])
  const feed = createCell<FeedState>({ board: EMPTY_BOARD, isKnown: true })
  const sent: { type: string; payload: unknown; lane: string | undefined }[] = []
  const refused: unknown[] = []
  const discarded: string[] = []
  const tooLate: string[] = []
  const fates = new Map<
    string,
    { stored: PromiseWithResolvers<void>; done: PromiseWithResolvers<never> }
  >()
  const line = {
    send(type: string, payload: unknown, options?: { lane?: string | undefined }) {
      const key = `op-${++serial}`
      sent.push({ type, payload, lane: options?.lane })
      const fate = { stored: withResolvers<void>(), done: withResolvers<never>() }
      fates.set(key, fate)
      return { key, stored: fate.stored.promise, done: fate.done.promise }
    },
    outbox: Object.assign(outbox, {
      retry: async () => true,
      discard: async (key: string) => {
        discarded.push(key)
        return true
      },
    }),
  } as unknown as Pick<Line, 'send' | 'outbox'>
  const store = createBoardStore({
    line,
    board: 'home',
    me: 'Ada',
    feed: {
      get value() {
        return feed.value
      },
      subscribe: feed.subscribe,
      hurry() {},
      save() {},
      close() {},
    },
    clock: {
      now: () => now,
      after(ms, run) {
        const timer = { at: now + ms, run }
        timers.add(timer)
        return () => timers.delete(timer)
      },
    },
    onRefused: (_command, error) => refused.push(error),
    onTooLate: ({ type }) => tooLate.push(type),
  })
  const said: string[] = []
  const actions = createBoardActions({
    store,
    me: 'Ada',
    say: (text) => said.push(text),
    onRemoved: (title) => said.push(`Removed ${title}`),
    newId: () => `card-${++serial}`,
    roll: () => 0.5,
  })
  return {
    store,
    actions,
    sent,
    said,
    refused,
    discarded,
    tooLate,
    fates,
    titles: (column: 'todo' | 'doing' | 'done') =>
      store.value.view.columns[column].map(({ title }) => title),
    isWaiting: () => store.value.view.waiting.size > 0,
    list: (...entries: Partial<OutboxEntry>[]) =>
      outbox.set(
        entries.map(
          (entry) =>
            ({ lane: channelOf('home'), createdAt: 0, state: 'queued', ...entry }) as OutboxEntry,
        ),
      ),
    hear(key: string, { type, payload }: { type: string; payload: unknown }) {
      const event = happen({ type, payload } as Command, { key, by: 'Ada', at: now })
      feed.set({ board: fold(feed.value.board, event), isKnown: true })
    },
    pass(ms: number) {
      now += ms
      for (const timer of timers) if (timer.at <= now && timers.delete(timer)) timer.run()
    },
  }
}

function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve: PromiseWithResolvers<T>['resolve'] = () => undefined
  let reject: PromiseWithResolvers<T>['reject'] = () => undefined
  const promise = new Promise<T>((one, other) => {
    resolve = one
    reject = other
  })
  return { promise, resolve, reject }
}
interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T | PromiseLike<T>) => void
  readonly reject: (reason: unknown) => void
}

describe('the board store', () => {
  it('shows a card at once, marks it while it waits, and unmarks it when its event arrives', async () => {
    const scene = stage()
    scene.actions.add('todo', 'Tea')
    expect(scene.titles('todo')).toEqual(['Tea'])
    expect(scene.isWaiting()).toBe(true)
    const op = scene.sent[0]
    if (!op) throw new Error('nothing sent')
    expect(op).toMatchObject({ type: 'card.add', lane: 'board/home' })
    scene.list({ key: 'op-2' as never, type: op.type, payload: JSON.stringify(op.payload) })
    scene.hear('op-2', op)
    expect(scene.titles('todo')).toEqual(['Tea'])
    expect(scene.isWaiting()).toBe(false)
    scene.list()
    expect(scene.titles('todo')).toEqual(['Tea'])
  })

  it('[P2] shows what another tab, or an earlier life, has queued', () => {
    const scene = stage()
    const payload = {
      card: 'a',
      title: 'From before',
      note: '',
      colour: 'plain',
      assignee: '',
      column: 'todo',
      rank: 'i01',
    }
    scene.list({ key: 'old' as never, type: 'card.add', payload: JSON.stringify(payload) })
    expect(scene.titles('todo')).toEqual(['From before'])
    expect(scene.isWaiting()).toBe(true)
  })

  it('[P5] takes back what the server refused, and tells the tab that sent it', async () => {
    const scene = stage()
    scene.actions.add('todo', 'Tea')
    const key = [...scene.fates.keys()][0] ?? ''
    scene.list({ key: key as never, type: 'card.add', payload: '{}', state: 'failed' })
    scene.fates.get(key)?.done.reject(new Error('no'))
    await flush()
    expect(scene.titles('todo')).toEqual([])
    expect(scene.refused).toEqual([new Error('no')])
  })

  it('takes back what could not be stored, and keeps what lives in memory alone', async () => {
    const scene = stage()
    scene.actions.add('todo', 'Full')
    scene.actions.add('todo', 'No disk')
    scene.actions.add('todo', 'Full disk')
    const [full = '', memory = '', quota = ''] = scene.fates.keys()
    scene.fates.get(full)?.stored.reject(Object.assign(new Error(), { code: 'outbox-full' }))
    scene.fates.get(memory)?.stored.reject(Object.assign(new Error(), { code: 'no-storage' }))
    scene.fates.get(quota)?.stored.reject(Object.assign(new Error(), { code: 'quota' }))
    await flush()
    expect(scene.titles('todo')).toEqual(['No disk', 'Full disk'])
  })

  it('gives up a card whose event never comes', async () => {
    const scene = stage()
    scene.actions.add('todo', 'Tea')
    scene.fates.values().next().value?.stored.resolve()
    await flush()
    expect(scene.titles('todo')).toEqual(['Tea'])
    scene.pass(LINGER_MS)
    expect(scene.titles('todo')).toEqual([])
  })

  it('lets go at once of what a person discards', () => {
    const scene = stage()
    scene.actions.add('todo', 'Tea')
    const key = [...scene.fates.keys()][0] ?? ''
    scene.store.discard(key as never)
    expect(scene.titles('todo')).toEqual([])
    expect(scene.discarded).toEqual([key])
  })

  it('[P5] hides what is withdrawn after it was sent, and says so when the server was quicker', () => {
    const scene = stage()
    scene.actions.add('todo', 'Tea')
    const op = scene.sent[0]
    const key = [...scene.fates.keys()][0] as OutboxEntry['key']
    if (!op) throw new Error('nothing sent')
    const entry = { key, type: op.type, payload: JSON.stringify(op.payload) }
    scene.list({ ...entry, state: 'sent' })
    scene.store.discard(key)
    scene.list({ ...entry, state: 'withdrawn' })
    expect(scene.titles('todo')).toEqual([])
    scene.hear(key, op)
    expect(scene.titles('todo')).toEqual(['Tea'])
    expect(scene.tooLate).toEqual(['card.add'])
    scene.list()
    expect(scene.tooLate).toEqual(['card.add'])
  })
})

describe('the actions', () => {
  it('move, say where to, and do nothing at the edge', () => {
    const scene = stage()
    const card = scene.actions.add('todo', 'Tea')
    scene.actions.moveBy(card, 'right')
    expect(scene.titles('doing')).toEqual(['Tea'])
    expect(scene.said).toEqual(['Added Tea to To do', 'Tea: Doing, 1 of 1'])
    scene.actions.moveBy(card, 'up')
    expect(scene.sent).toHaveLength(2)
  })

  it('put back what was removed last, as it was', () => {
    const scene = stage()
    const first = scene.actions.add('todo', 'First')
    const second = scene.actions.add('todo', 'Second')
    scene.actions.edit(first, { note: 'With a note' })
    scene.actions.remove(first)
    scene.actions.remove(second)
    expect(scene.titles('todo')).toEqual([])
    scene.actions.undo()
    scene.actions.undo()
    scene.actions.undo()
    expect(scene.titles('todo')).toEqual(['First', 'Second'])
    expect(scene.store.value.view.cards[first]?.note).toBe('With a note')
  })

  it('fill an empty board', () => {
    const scene = stage()
    scene.actions.addSamples()
    expect(scene.titles('todo')).toHaveLength(3)
    expect(scene.store.value.view.columns.doing[0]?.assignee).toBe('Ada')
  })
})

import { type Log, openSqliteLog, Refusal } from 'partyline/gateway'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RING } from '../shared/bell.js'
import { cardsIn } from '../shared/board.js'
import { isBell } from './bell.js'
import { type Boards, boardOf, createBoards } from './boards.js'

let log: Log
let boards: Boards
let serial = 0
let now = 1

beforeEach(async () => {
  now = 1
  log = await openSqliteLog({ file: ':memory:' })
  boards = createBoards({ log, now: () => now })
})
afterEach(async () => {
  boards.close()
  await log.close()
})

const added = (card: string, column = 'todo') => ({
  card,
  title: card,
  note: '',
  colour: 'plain',
  assignee: '',
  column,
  rank: 'i01',
})

/** What the gateway does with an operation: the handler first, then its effect into the log. */
async function judged(type: string, payload: unknown, identity = 'Ada', lane = 'board/home') {
  const key = `key-${++serial}`
  const effect = await boards.operations[type]?.(payload, {
    type,
    identity,
    client: identity,
    lane,
    key,
    signal: new AbortController().signal,
  })
  return async () => {
    for (const { channel, payload: event } of effect?.publish ?? []) {
      await log.append(channel, JSON.stringify(event))
    }
  }
}
const operate = async (...given: Parameters<typeof judged>): Promise<void> =>
  (await judged(...given))()

const home = async () => {
  const board = boards.find('home')
  if (!board) throw new Error('no board')
  return board.snapshot()
}

describe('the boards', () => {
  it('[P6] answer a snapshot that is exactly as old as its position says', async () => {
    const empty = await home()
    expect(empty).toMatchObject({ state: { cards: {} } })
    await operate('card.add', added('a'))
    const one = await home()
    expect(Object.keys(one.state.cards)).toEqual(['a'])
    expect(one.at).toEqual(await log.position('board/home'))
    const rest = await log.read('board/home', empty.at, 10)
    expect(rest).toMatchObject({ state: 'events', events: [[one.at.id, expect.any(String)]] })
  })

  it('are what the log says, also after a restart', async () => {
    for (let count = 0; count < 30; count++) await operate('card.add', added(`card-${count}`))
    boards.close()
    boards = createBoards({ log, now: () => now })
    expect(Object.keys((await home()).state.cards)).toHaveLength(30)
  })

  it('name the author by identity, not by what the page says', async () => {
    await operate('card.add', { ...added('a'), by: 'Somebody else' }, 'Ben')
    expect((await home()).state.cards.a).toMatchObject({ by: 'Ben' })
  })

  it('count what is granted and not yet in the log', async () => {
    for (const card of ['a', 'b', 'c']) await operate('card.add', added(card, 'doing'))
    const commit = await judged('card.add', added('d', 'doing'))
    await expect(judged('card.add', added('e', 'doing'), 'Ben')).rejects.toThrow(Refusal)
    await commit()
    expect(cardsIn((await home()).state, 'doing')).toHaveLength(4)
  })

  it('forget what was granted and never came into the log', async () => {
    for (const card of ['a', 'b', 'c']) await operate('card.add', added(card, 'doing'))
    await judged('card.add', added('d', 'doing'))
    now += 60_000
    await expect(judged('card.add', added('e', 'doing'), 'Ben')).resolves.toBeTypeOf('function')
  })

  it('ring for whoever listens, and only where there is a board', async () => {
    const rings = await log.position('bell/home')
    await (await judged(RING, undefined, 'Ben', 'bell/home'))()
    expect(await log.read('bell/home', rings, 10)).toMatchObject({
      events: [[expect.any(String), '{"by":"Ben"}']],
    })
    await expect(judged(RING, undefined, 'Ben', 'bell/UP')).rejects.toThrow(Refusal)
    expect(['bell/home', 'board/home', 'bell/'].map(isBell)).toEqual([true, false, false])
  })

  it('refuse what they cannot read and boards that cannot be', async () => {
    await expect(judged('card.add', { card: 'a' })).rejects.toThrow(Refusal)
    await expect(judged('card.add', added('a'), 'Ada', 'elsewhere')).rejects.toThrow(Refusal)
    await expect(judged('card.add', added('a'), 'Ada', 'board/UP')).rejects.toThrow(Refusal)
    expect(boards.find('../etc')).toBeUndefined()
    expect(boardOf('board/garden-party')).toBe('garden-party')
    expect(boardOf('board/')).toBeUndefined()
  })
})

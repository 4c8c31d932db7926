import { describe, expect, it } from 'vitest'
import { type Board, cardsIn, EMPTY_BOARD, peopleOn } from './board.js'
import { type Command, readCommand } from './commands.js'
import { happen } from './events.js'
import { fold, foldCards, SETTLED_MAX } from './fold.js'

let serial = 0
const say = (board: Board, command: Command, by = 'Ada'): Board =>
  fold(board, happen(command, { key: `key-${++serial}`, by, at: serial }))

const add = (card: string, column: 'todo' | 'doing' = 'todo', rank = 'i01'): Command => ({
  type: 'card.add',
  payload: { card, title: `Card ${card}`, note: '', colour: 'plain', assignee: '', column, rank },
})

describe('fold', () => {
  it('adds a card once, however often it is told', () => {
    const once = say(EMPTY_BOARD, add('a'))
    expect(say(once, add('a')).cards).toBe(once.cards)
    expect(once.cards.a).toMatchObject({ title: 'Card a', by: 'Ada' })
  })

  it('moves a card between columns and keeps the rest of it', () => {
    const board = say(say(EMPTY_BOARD, add('a')), {
      type: 'card.move',
      payload: { card: 'a', column: 'done', rank: 'i02' },
    })
    expect(cardsIn(board, 'todo')).toEqual([])
    expect(cardsIn(board, 'done')).toMatchObject([{ id: 'a', title: 'Card a', rank: 'i02' }])
  })

  it('changes only the fields that an edit names', () => {
    const edit = (payload: object): Command => {
      const reading = readCommand('card.edit', { card: 'a', ...payload })
      if (!reading.ok) throw new Error(reading.problem)
      return reading.command
    }
    const titled = say(say(EMPTY_BOARD, add('a')), edit({ title: 'New' }), 'Ben')
    expect(say(titled, edit({ assignee: 'Cleo' })).cards.a).toMatchObject({
      title: 'New',
      assignee: 'Cleo',
      colour: 'plain',
    })
  })

  it('ignores what is said about a card that is gone', () => {
    const board = say(say(EMPTY_BOARD, add('a')), { type: 'card.remove', payload: { card: 'a' } })
    const move: Command = { type: 'card.move', payload: { card: 'a', column: 'done', rank: 'i01' } }
    expect(say(board, move).cards).toBe(board.cards)
    expect(say(board, { type: 'card.remove', payload: { card: 'a' } }).cards).toBe(board.cards)
  })

  it('ignores an event of a kind that it does not know', () => {
    const event = { type: 'card.painted', key: 'k', by: 'Ada', at: 1, payload: { card: 'a' } }
    const { cards } = say(EMPTY_BOARD, add('a'))
    expect(foldCards(cards, event as unknown as ReturnType<typeof happen>)).toBe(cards)
  })

  it('sorts a column by rank, and a tie by id', () => {
    const board = ['c', 'b', 'a'].reduce(
      (state, id) => say(state, add(id, 'todo', id === 'c' ? 'i00' : 'i01')),
      EMPTY_BOARD,
    )
    expect(cardsIn(board, 'todo').map((card) => card.id)).toEqual(['c', 'a', 'b'])
  })

  it('[P14] remembers the keys of the latest operations and no more', () => {
    let board = EMPTY_BOARD
    for (let count = 0; count < SETTLED_MAX + 10; count++) board = say(board, add('a'))
    expect(board.settled).toHaveLength(SETTLED_MAX)
    expect(board.settled.at(-1)).toBe(`key-${serial}`)
  })

  it('knows who is on the board', () => {
    const board = say(say(EMPTY_BOARD, add('a'), 'Cleo'), add('b'), 'Ben')
    expect(peopleOn(board)).toEqual(['Ben', 'Cleo'])
  })
})

describe('readCommand', () => {
  it('refuses an unknown command, an empty title and an impossible place with a sentence', () => {
    const payload = add('a').payload
    expect(readCommand('card.burn', {})).toEqual({
      ok: false,
      problem: 'There is no command card.burn.',
    })
    expect(readCommand('card.add', { ...payload, title: '  ' })).toEqual({
      ok: false,
      problem: 'A card needs a title.',
    })
    expect(readCommand('card.add', { ...payload, rank: '000' })).toEqual({
      ok: false,
      problem: 'That place does not exist.',
    })
    expect(readCommand('toString', payload).ok).toBe(false)
  })

  it('trims what people type', () => {
    const reading = readCommand('card.add', { ...add('a').payload, title: '  Tea ' })
    expect(reading).toMatchObject({ ok: true, command: { payload: { title: 'Tea' } } })
  })
})

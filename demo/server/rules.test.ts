import { describe, expect, it } from 'vitest'
import { type Board, type Card, type ColumnId, EMPTY_BOARD } from '../shared/board.js'
import { judge } from './rules.js'

const card = (id: string, column: ColumnId): Card => ({
  id,
  column,
  title: id,
  note: '',
  colour: 'plain',
  assignee: '',
  rank: 'i01',
  by: 'Ada',
  at: 1,
})
const boardWith = (...cards: Card[]): Board => ({
  ...EMPTY_BOARD,
  cards: Object.fromEntries(cards.map((one) => [one.id, one])),
})
const full = boardWith(...['a', 'b', 'c', 'd'].map((id) => card(id, 'doing')), card('e', 'todo'))
const move = (id: string, column: ColumnId) =>
  ({ type: 'card.move', payload: { card: id, column, rank: 'i02' } }) as const

describe('the rules', () => {
  it('refuse a fifth card in Doing, and say why', () => {
    expect(judge(full, move('e', 'doing'))).toEqual({
      verdict: 'refused',
      code: 'column-full',
      why: 'Doing takes 4 cards. Finish one first.',
    })
  })

  it('let cards of a full column change places, and leave it', () => {
    expect(judge(full, move('a', 'doing')).verdict).toBe('granted')
    expect(judge(full, move('a', 'done')).verdict).toBe('granted')
  })

  it('refuse to move or edit a card that is gone', () => {
    expect(judge(full, move('x', 'done'))).toMatchObject({ code: 'card-gone' })
    expect(judge(full, { type: 'card.edit', payload: { card: 'x' } })).toMatchObject({
      code: 'card-gone',
    })
  })

  it('call it done when a card is there already, or gone already', () => {
    const { id, by: _by, at: _at, ...rest } = card('a', 'doing')
    expect(judge(full, { type: 'card.add', payload: { card: id, ...rest } }).verdict).toBe('done')
    expect(judge(full, { type: 'card.remove', payload: { card: 'x' } }).verdict).toBe('done')
  })

  it('[P14] take a bounded number of cards', () => {
    const many = boardWith(...Array.from({ length: 500 }, (_, at) => card(`c${at}`, 'done')))
    const { id, by: _by, at: _at, ...rest } = card('new', 'todo')
    expect(judge(many, { type: 'card.add', payload: { card: id, ...rest } })).toMatchObject({
      code: 'board-full',
    })
  })
})

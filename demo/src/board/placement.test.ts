import { describe, expect, it } from 'vitest'
import { type Card, type ColumnId, EMPTY_BOARD } from '../../shared/board.js'
import { placeAt, placeBeside } from './placement.js'
import { type BoardView, project } from './project.js'

const card = (id: string, column: ColumnId, rank: string): Card => ({
  id,
  column,
  rank,
  title: id,
  note: '',
  colour: 'plain',
  assignee: '',
  by: 'Ada',
  at: 1,
})
const viewOf = (...cards: Card[]): BoardView =>
  project(
    { ...EMPTY_BOARD, cards: Object.fromEntries(cards.map((one) => [one.id, one])) },
    [],
    'Ada',
  )
const orderAfter = (view: BoardView, moved: string, column: ColumnId, rank: string) =>
  [...view.columns[column].filter(({ id }) => id !== moved), { id: moved, rank }]
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ id }) => id)

const a = card('a', 'todo', 'a01')
const b = card('b', 'todo', 'b01')
const c = card('c', 'todo', 'c01')
const d = card('d', 'doing', 'd01')
const view = viewOf(a, b, c, d)

describe('placement', () => {
  it('drops a card where the index says, counted without the card itself', () => {
    const place = placeAt(view, 'a', 'todo', 2, 0.5)
    expect(orderAfter(view, 'a', 'todo', place?.rank ?? '')).toEqual(['b', 'c', 'a'])
    const up = placeAt(view, 'c', 'todo', 0, 0.5)
    expect(orderAfter(view, 'c', 'todo', up?.rank ?? '')).toEqual(['c', 'a', 'b'])
  })

  it('sends nothing when the card stays where it is', () => {
    expect(placeAt(view, 'b', 'todo', 1, 0.5)).toBeUndefined()
    expect(placeBeside(view, a, 'up', 0.5)).toBeUndefined()
    expect(placeBeside(view, c, 'down', 0.5)).toBeUndefined()
    expect(placeBeside(view, a, 'left', 0.5)).toBeUndefined()
  })

  it('moves a card one step up, down and aside', () => {
    expect(orderAfter(view, 'b', 'todo', placeBeside(view, b, 'up', 0.5)?.rank ?? '')).toEqual([
      'b',
      'a',
      'c',
    ])
    expect(orderAfter(view, 'b', 'todo', placeBeside(view, b, 'down', 0.5)?.rank ?? '')).toEqual([
      'a',
      'c',
      'b',
    ])
    const right = placeBeside(view, c, 'right', 0.5)
    expect(right?.column).toBe('doing')
    expect(orderAfter(view, 'c', 'doing', right?.rank ?? '')).toEqual(['d', 'c'])
  })

  it('puts a card behind a tie rather than nowhere', () => {
    const tied = viewOf(a, card('t', 'todo', 'b01'), b, c)
    const place = placeAt(tied, 'a', 'todo', 1, 0.5)
    expect(place && place.rank > 'b01' && place.rank < 'c01').toBe(true)
  })
})

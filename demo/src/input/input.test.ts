import { describe, expect, it } from 'vitest'
import { type Card, type ColumnId, EMPTY_BOARD } from '../../shared/board.js'
import { project } from '../board/project.js'
import { dropTarget } from './drop-target.js'
import { heirOf, nextFocus } from './focus-walk.js'
import { intentOf, type Press } from './keymap.js'

const press = (key: string, more: Partial<Press> = {}): Press => ({
  key,
  ctrl: false,
  alt: false,
  meta: false,
  isTyping: false,
  isOnCard: true,
  ...more,
})

describe('the keymap', () => {
  it('walks with arrows and moves with Ctrl or Alt and arrows', () => {
    expect(intentOf(press('ArrowLeft'))).toEqual({ do: 'focus', direction: 'left' })
    for (const modifier of [{ ctrl: true }, { alt: true }]) {
      expect(intentOf(press('ArrowLeft', modifier))).toEqual({ do: 'move', direction: 'left' })
    }
  })

  it('leaves the browser its own keys', () => {
    expect(intentOf(press('ArrowLeft', { alt: true, isOnCard: false }))).toBeUndefined()
    expect(intentOf(press('ArrowLeft', { meta: true }))).toBeUndefined()
    expect(intentOf(press('n', { ctrl: true }))).toBeUndefined()
    expect(intentOf(press('Enter', { isOnCard: false }))).toBeUndefined()
    expect(intentOf(press('Tab'))).toBeUndefined()
  })

  it('never acts while somebody types', () => {
    for (const key of ['n', '?', 'Delete', 'ArrowUp', 'z', 'Enter']) {
      expect(intentOf(press(key, { isTyping: true }))).toBeUndefined()
    }
  })

  it('knows the letters', () => {
    expect(intentOf(press('n', { isOnCard: false }))).toEqual({ do: 'add' })
    expect(intentOf(press('?', { isOnCard: false }))).toEqual({ do: 'help' })
    expect(intentOf(press('Enter'))).toEqual({ do: 'edit' })
    expect(intentOf(press('Delete'))).toEqual({ do: 'remove' })
    expect(intentOf(press('m'))).toEqual({ do: 'menu' })
  })
})

const card = (id: string, column: ColumnId): Card => ({
  id,
  column,
  rank: `${id}01`,
  title: id,
  note: '',
  colour: 'plain',
  assignee: '',
  by: 'Ada',
  at: 1,
})
const cards = [card('a', 'todo'), card('b', 'todo'), card('c', 'todo'), card('z', 'done')]
const view = project(
  { ...EMPTY_BOARD, cards: Object.fromEntries(cards.map((one) => [one.id, one])) },
  [],
  'Ada',
)

describe('the focus', () => {
  it('begins at the first card', () => {
    expect(nextFocus(view, undefined, 'down')).toBe('a')
    expect(nextFocus(view, 'gone', 'up')).toBe('a')
  })

  it('steps over an empty column and stops at the edges', () => {
    expect(nextFocus(view, 'b', 'right')).toBe('z')
    expect(nextFocus(view, 'z', 'left')).toBe('a')
    expect(nextFocus(view, 'a', 'up')).toBeUndefined()
    expect(nextFocus(view, 'z', 'right')).toBeUndefined()
  })

  it('goes to the next card when one is removed', () => {
    expect(heirOf(view, 'b')).toBe('c')
    expect(heirOf(view, 'c')).toBe('b')
    expect(heirOf(view, 'z')).toBe('a')
  })
})

describe('a drop', () => {
  const boxes = [
    { column: 'todo', left: 0, right: 100, middles: [50, 150] },
    { column: 'doing', left: 120, right: 220, middles: [] },
  ] as const

  it('goes before the first card whose middle is below the pointer, else to the end', () => {
    expect(dropTarget(boxes, 50, 10)).toEqual({ column: 'todo', index: 0 })
    expect(dropTarget(boxes, 50, 100)).toEqual({ column: 'todo', index: 1 })
    expect(dropTarget(boxes, 50, 900)).toEqual({ column: 'todo', index: 2 })
    expect(dropTarget(boxes, 150, 900)).toEqual({ column: 'doing', index: 0 })
  })

  it('takes the nearest column when it is between or beside them', () => {
    expect(dropTarget(boxes, 108, 10)?.column).toBe('todo')
    expect(dropTarget(boxes, 115, 10)?.column).toBe('doing')
    expect(dropTarget(boxes, 900, 10)?.column).toBe('doing')
    expect(dropTarget([], 1, 1)).toBeUndefined()
  })
})

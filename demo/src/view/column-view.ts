/**
 * Owns one column: its name and count, the list that holds the cards, what it says when it is
 * empty, and the composer at its foot.
 */
import { COLUMN_LIMITS, COLUMN_NAMES, type ColumnId } from '../../shared/board.js'
import { createComposer } from './composer.js'
import { h, setAttribute, setText } from './h.js'
import { icon } from './icons.js'

export interface ColumnView {
  readonly element: HTMLElement
  readonly list: HTMLUListElement
  setCount(count: number): void
  compose(): void
  finish(): void
}

const EMPTY: Readonly<Record<ColumnId, string>> = {
  todo: 'Nothing to do. Add a card with + or the key n.',
  doing: 'Nobody is at anything. Drag a card here.',
  done: 'Nothing done yet. It will come.',
}

export function createColumnView(
  column: ColumnId,
  onAdd: (column: ColumnId, title: string) => void,
): ColumnView {
  const name = COLUMN_NAMES[column]
  const limit = COLUMN_LIMITS[column]
  const headingId = `column-${column}`
  const count = h('span', { class: 'column-count' })
  const list = h('ul', { class: 'cards', role: 'list', 'aria-labelledby': headingId })
  const empty = h('p', { class: 'column-empty' }, EMPTY[column])
  const composer = createComposer(name, (title) => onAdd(column, title))
  const element = h(
    'section',
    { class: 'column', 'data-column': column, 'aria-labelledby': headingId },
    h(
      'header',
      { class: 'column-head' },
      h('h2', { id: headingId }, name),
      count,
      h(
        'button',
        {
          class: 'icon-button',
          type: 'button',
          'aria-label': `Add a card to ${name}`,
          title: 'Add a card',
          on: { click: () => composer.open() },
        },
        icon('plus'),
      ),
    ),
    h('div', { class: 'column-body' }, list, empty, composer.element),
  )
  return {
    element,
    list,
    setCount(value) {
      setText(count, limit === undefined ? String(value) : `${value} / ${limit}`)
      setAttribute(
        count,
        'aria-label',
        limit === undefined ? `${value} cards` : `${value} cards, at most ${limit}`,
      )
      setAttribute(count, 'data-full', limit !== undefined && value >= limit)
      empty.hidden = value > 0
    },
    compose: () => composer.open(),
    finish: () => composer.finish(),
  }
}

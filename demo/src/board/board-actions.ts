/**
 * Owns what a person can do to the board, in words of the page: add here, move there, take back. Each
 * becomes one durable command, is said aloud once, and knows nothing of the network.
 */
import { COLUMN_NAMES, type ColumnId } from '../../shared/board.js'
import type { Payload } from '../../shared/commands.js'
import { rankBetween } from '../../shared/rank.js'
import type { BoardStore } from './board-store.js'
import { type Direction, type Place, placeAt, placeBeside } from './placement.js'
import { SAMPLE_CARDS } from './sample-cards.js'

export interface BoardActions {
  add(column: ColumnId, title: string): string
  edit(card: string, change: Omit<Payload<'card.edit'>, 'card'>): void
  moveBy(card: string, direction: Direction): void
  moveTo(card: string, column: ColumnId, index: number): void
  remove(card: string): void
  /** Puts the card back that was removed last in this tab. */
  undo(): void
  addSamples(): void
}

export interface BoardActionsOptions {
  readonly store: Pick<BoardStore, 'value' | 'send'>
  readonly me: string
  readonly say: (text: string) => void
  readonly onRemoved: (title: string) => void
  readonly newId: () => string
  /** Randomness in 0–1. */
  readonly roll: () => number
}

export function createBoardActions(options: BoardActionsOptions): BoardActions {
  const { store, me, say, onRemoved, newId, roll } = options
  const removed: Payload<'card.add'>[] = []

  const rankAtEnd = (column: ColumnId): string =>
    rankBetween(store.value.view.columns[column].at(-1)?.rank, undefined, roll())

  const move = (card: string, place: Place | undefined): void => {
    const title = store.value.view.cards[card]?.title
    if (!place || title === undefined) return
    store.send({ type: 'card.move', payload: { card, ...place } })
    const column = store.value.view.columns[place.column]
    const position = column.findIndex(({ id }) => id === card) + 1
    say(`${title}: ${COLUMN_NAMES[place.column]}, ${position} of ${column.length}`)
  }

  return {
    add(column, title) {
      const card = newId()
      store.send({
        type: 'card.add',
        payload: {
          card,
          title,
          note: '',
          colour: 'plain',
          assignee: '',
          column,
          rank: rankAtEnd(column),
        },
      })
      say(`Added ${title} to ${COLUMN_NAMES[column]}`)
      return card
    },
    edit(card, change) {
      store.send({ type: 'card.edit', payload: { card, ...change } })
      say('Saved')
    },
    moveBy(card, direction) {
      const { view } = store.value
      const it = view.cards[card]
      if (it) move(card, placeBeside(view, it, direction, roll()))
    },
    moveTo(card, column, index) {
      const { view } = store.value
      if (view.cards[card]) move(card, placeAt(view, card, column, index, roll()))
    },
    remove(card) {
      const it = store.value.view.cards[card]
      if (!it) return
      const { id: _, by: _by, at: _at, ...rest } = it
      removed.push({ card, ...rest })
      store.send({ type: 'card.remove', payload: { card } })
      onRemoved(it.title)
    },
    undo() {
      const payload = removed.pop()
      if (!payload) return
      store.send({ type: 'card.add', payload })
      say(`${payload.title} is back`)
    },
    addSamples() {
      for (const { isMine, ...sample } of SAMPLE_CARDS) {
        store.send({
          type: 'card.add',
          payload: {
            ...sample,
            card: newId(),
            assignee: isMine ? me : '',
            rank: rankAtEnd(sample.column),
          },
        })
      }
    },
  }
}

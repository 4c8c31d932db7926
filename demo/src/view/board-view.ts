/**
 * Owns the board on the page: three columns, cards kept by id, one of them in the tab order. It
 * paints what it is given and tells what was clicked; it decides nothing.
 */
import { COLUMNS, type ColumnId } from '../../shared/board.js'
import type { BoardView as Picture } from '../board/project.js'
import { type CardView, createCardView } from './card-view.js'
import { type ColumnView, createColumnView } from './column-view.js'
import { glide } from './flip.js'
import { h, setAttribute } from './h.js'

export interface BoardView {
  readonly element: HTMLElement
  readonly focused: string | undefined
  render(picture: Picture, isKnown: boolean): void
  focus(card: string): void
  compose(column: ColumnId): void
  /** What is being typed becomes a card. */
  finish(): void
  faceOf(card: string): HTMLElement | undefined
}

export interface BoardViewOptions {
  readonly onAdd: (column: ColumnId, title: string) => void
  readonly onOpen: (card: string) => void
  readonly onMenu: (card: string, beside: HTMLElement) => void
}

export function createBoardView({ onAdd, onOpen, onMenu }: BoardViewOptions): BoardView {
  const cards = new Map<string, CardView>()
  const columns = new Map<ColumnId, ColumnView>(
    COLUMNS.map((column) => [column, createColumnView(column, onAdd)]),
  )
  let tabbable: string | undefined

  const cardAt = (target: EventTarget | null): string | undefined =>
    target instanceof Element ? target.closest<HTMLElement>('[data-card]')?.dataset.card : undefined

  const element = h(
    'main',
    {
      class: 'board',
      'aria-label': 'Board',
      on: {
        click: (event) => {
          const card = cardAt(event.target)
          if (card === undefined) return
          const button = event.target instanceof Element && event.target.closest('.card-menu')
          if (button instanceof HTMLElement) onMenu(card, button)
          else onOpen(card)
        },
        focusin: (event) => {
          const card = cardAt(event.target)
          if (card !== undefined) setTabbable(card)
        },
      },
    },
    ...[...columns.values()].map((column) => column.element),
  )

  const setTabbable = (card: string | undefined): void => {
    if (card === tabbable) return
    if (tabbable !== undefined) cards.get(tabbable)?.setTabbable(false)
    tabbable = card
    if (card !== undefined) cards.get(card)?.setTabbable(true)
  }

  const place = (picture: Picture): void => {
    for (const [id, card] of cards) {
      if (picture.cards[id]) continue
      card.element.remove()
      cards.delete(id)
    }
    for (const [id, column] of columns) {
      const list = picture.columns[id]
      column.setCount(list.length)
      list.forEach((card, index) => {
        const view = cards.get(card.id) ?? createCardView(card.id)
        cards.set(card.id, view)
        view.update(card, {
          isWaiting: picture.waiting.has(card.id),
          position: index + 1,
          count: list.length,
        })
        const here = column.list.children[index]
        if (here !== view.element) column.list.insertBefore(view.element, here ?? null)
      })
    }
  }

  return {
    element,
    get focused() {
      return cardAt(document.activeElement)
    },
    render(picture, isKnown) {
      setAttribute(element, 'aria-busy', isKnown ? undefined : 'true')
      const active = document.activeElement
      const isOnBoard = active instanceof HTMLElement && cardAt(active) !== undefined
      glide(
        () => [...cards].map(([id, card]) => [id, card.element]),
        () => place(picture),
      )
      // An element that is moved in the page loses the focus.
      if (isOnBoard && active.isConnected) active.focus({ preventScroll: true })
      if (tabbable === undefined || !cards.has(tabbable)) {
        tabbable = undefined
        setTabbable(COLUMNS.flatMap((column) => picture.columns[column])[0]?.id)
      }
    },
    focus(card) {
      const face = cards.get(card)?.face
      face?.focus({ preventScroll: true })
      face?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    },
    finish() {
      for (const column of columns.values()) column.finish()
    },
    compose: (column) => columns.get(column)?.compose(),
    faceOf: (card) => cards.get(card)?.face,
  }
}

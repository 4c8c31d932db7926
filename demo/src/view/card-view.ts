/**
 * Owns one card on the page. Made once and updated in place, so that focus, drag and animation
 * survive whatever arrives over the line.
 */
import { type Card, COLUMN_NAMES } from '../../shared/board.js'
import { avatar } from './avatar.js'
import { h, setAttribute, setText } from './h.js'
import { icon } from './icons.js'

export interface CardView {
  /** The list item; what is focused is the card inside it. */
  readonly element: HTMLLIElement
  readonly face: HTMLElement
  update(card: Card, place: CardPlace): void
  /** Exactly one card of a board is in the tab order. */
  setTabbable(isTabbable: boolean): void
}

export interface CardPlace {
  readonly isWaiting: boolean
  readonly position: number
  readonly count: number
}

export function createCardView(id: string): CardView {
  const title = h('p', { class: 'card-title' })
  const note = h('p', { class: 'card-note' })
  const who = h('span', { class: 'card-who' })
  const waiting = h('span', { class: 'card-waiting', hidden: true }, icon('clock'), 'Waiting')
  const menu = h(
    'button',
    { class: 'icon-button card-menu', type: 'button', 'aria-haspopup': 'menu' },
    icon('more'),
  )
  const face = h(
    'div',
    { class: 'card', tabindex: -1, role: 'group', 'aria-roledescription': 'card' },
    title,
    note,
    h('div', { class: 'card-foot' }, who, waiting),
    menu,
  )
  const element = h('li', { class: 'slot', 'data-card': id }, face)

  return {
    element,
    face,
    update(card, { isWaiting, position, count }) {
      setText(title, card.title)
      setText(note, card.note)
      setAttribute(note, 'hidden', !card.note)
      setAttribute(face, 'data-colour', card.colour)
      setAttribute(face, 'data-waiting', isWaiting)
      setAttribute(waiting, 'hidden', !isWaiting)
      if (who.dataset.name !== card.assignee) {
        who.dataset.name = card.assignee
        who.replaceChildren(...(card.assignee ? [avatar(card.assignee), card.assignee] : []))
      }
      const parts = [
        card.title,
        `${COLUMN_NAMES[card.column]}, ${position} of ${count}`,
        card.assignee && `for ${card.assignee}`,
        isWaiting && 'waiting to be sent',
      ]
      setAttribute(face, 'aria-label', parts.filter(Boolean).join('. '))
      setAttribute(menu, 'aria-label', `Menu of ${card.title}`)
    },
    setTabbable(isTabbable) {
      face.tabIndex = isTabbable ? 0 : -1
      menu.tabIndex = isTabbable ? 0 : -1
    },
  }
}

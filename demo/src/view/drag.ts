/**
 * Owns dragging a card by mouse, pen or finger: when a press becomes a drag, the ghost under the
 * pointer, the mark where it would land. Where that is, drop-target.ts computes.
 *
 * A finger has to rest before it drags, because moving at once means scrolling.
 */
import { COLUMNS } from '../../shared/board.js'
import { type ColumnBox, type Drop, dropTarget } from '../input/drop-target.js'
import { h } from './h.js'

export interface Drag {
  close(): void
}

const THRESHOLD_PX = 6
const REST_MS = 260
const EDGE_PX = 36

export function createDrag(board: HTMLElement, onDrop: (card: string, drop: Drop) => void): Drag {
  const scope = new AbortController()
  const mark = h('li', { class: 'drop-mark', 'aria-hidden': true, role: 'presentation' })
  let cancel: (() => void) | undefined

  const begin = (down: PointerEvent): void => {
    if (down.button !== 0 || cancel || !(down.target instanceof Element)) return
    if (down.target.closest('button, input, textarea')) return
    const slot = down.target.closest<HTMLElement>('[data-card]')
    const card = slot?.dataset.card
    if (!slot || card === undefined) return

    const mine = new AbortController()
    const { signal } = mine
    const isTouch = down.pointerType === 'touch'
    let ghost: HTMLElement | undefined
    let drop: Drop | undefined
    const rest = isTouch ? setTimeout(() => lift(down), REST_MS) : undefined

    const lift = (at: PointerEvent): void => {
      const box = slot.getBoundingClientRect()
      ghost = slot.firstElementChild?.cloneNode(true) as HTMLElement
      ghost.classList.add('ghost')
      ghost.querySelector('.card-menu')?.remove()
      ghost.style.width = `${box.width}px`
      ghost.style.left = `${box.left - down.clientX}px`
      ghost.style.top = `${box.top - down.clientY}px`
      document.body.append(ghost)
      slot.classList.add('is-lifted')
      document.documentElement.classList.add('is-dragging')
      follow(at)
    }

    const follow = ({ clientX, clientY }: PointerEvent): void => {
      if (ghost) ghost.style.translate = `${clientX}px ${clientY}px`
      const bounds = board.getBoundingClientRect()
      if (clientX < bounds.left + EDGE_PX) board.scrollBy({ left: -14 })
      if (clientX > bounds.right - EDGE_PX) board.scrollBy({ left: 14 })
      drop = dropTarget(boxesOf(board, card), clientX, clientY)
      if (drop) showMark(board, card, drop, mark)
    }

    const end = (): void => {
      clearTimeout(rest)
      mine.abort()
      cancel = undefined
      ghost?.remove()
      mark.remove()
      slot.classList.remove('is-lifted')
      document.documentElement.classList.remove('is-dragging')
    }
    cancel = end

    const listen = { signal }
    window.addEventListener(
      'pointermove',
      (move) => {
        if (move.pointerId !== down.pointerId) return
        const distance = Math.hypot(move.clientX - down.clientX, move.clientY - down.clientY)
        if (ghost) follow(move)
        else if (distance > THRESHOLD_PX) {
          if (isTouch) end()
          else lift(move)
        }
      },
      listen,
    )
    window.addEventListener(
      'pointerup',
      () => {
        const wasDragged = ghost !== undefined
        end()
        if (!wasDragged) return
        swallowClick()
        if (drop) onDrop(card, drop)
      },
      listen,
    )
    window.addEventListener('pointercancel', end, listen)
    window.addEventListener('blur', end, listen)
    window.addEventListener('keydown', (press) => press.key === 'Escape' && end(), listen)
    // Once the card is lifted the finger no longer scrolls.
    window.addEventListener('touchmove', (touch) => ghost && touch.preventDefault(), {
      signal,
      passive: false,
    })
    window.addEventListener('contextmenu', (menu) => isTouch && menu.preventDefault(), listen)
  }

  board.addEventListener('pointerdown', begin, { signal: scope.signal })
  return {
    close() {
      cancel?.()
      scope.abort()
    },
  }
}

function boxesOf(board: HTMLElement, dragged: string): readonly ColumnBox[] {
  return COLUMNS.flatMap((column) => {
    const element = board.querySelector(`[data-column="${column}"]`)
    if (!element) return []
    const { left, right } = element.getBoundingClientRect()
    const middles = slotsOf(element, dragged).map((slot) => {
      const { top, height } = slot.getBoundingClientRect()
      return top + height / 2
    })
    return [{ column, left, right, middles }]
  })
}

function showMark(board: HTMLElement, dragged: string, drop: Drop, mark: HTMLElement): void {
  const column = board.querySelector(`[data-column="${drop.column}"]`)
  if (!column) return
  const before = slotsOf(column, dragged)[drop.index]
  if (before) before.before(mark)
  else column.querySelector('.cards')?.append(mark)
}

const slotsOf = (column: Element, dragged: string): readonly HTMLElement[] =>
  [...column.querySelectorAll<HTMLElement>('[data-card]')].filter(
    (slot) => slot.dataset.card !== dragged,
  )

/** The click that ends a drag is not meant for the card. */
function swallowClick(): void {
  const swallow = (click: Event): void => click.stopPropagation()
  window.addEventListener('click', swallow, { capture: true, once: true })
  setTimeout(() => window.removeEventListener('click', swallow, { capture: true }))
}

/**
 * Owns the one key listener of the page: asks the keymap what a press means and does it.
 */
import type { Direction } from './board/placement.js'
import { intentOf } from './input/keymap.js'

export interface KeyboardActions {
  readonly focused: () => string | undefined
  readonly focus: (direction: Direction) => void
  readonly move: (card: string, direction: Direction) => void
  readonly add: () => void
  readonly edit: (card: string) => void
  readonly remove: (card: string) => void
  readonly menu: (card: string) => void
  readonly undo: () => void
  readonly help: () => void
  readonly details: () => void
  readonly ring: () => void
}

/** Returns its own undo. */
export function listenToKeys(actions: KeyboardActions): () => void {
  const listen = (event: KeyboardEvent): void => {
    const target = event.target instanceof Element ? event.target : undefined
    const intent = intentOf({
      key: event.key,
      ctrl: event.ctrlKey,
      alt: event.altKey,
      meta: event.metaKey,
      isTyping:
        event.isComposing || Boolean(target?.closest('input, textarea, select, [data-keys="own"]')),
      isOnCard: Boolean(target?.matches('.card')),
    })
    if (!intent) return
    event.preventDefault()
    const card = actions.focused()
    switch (intent.do) {
      case 'focus':
        return actions.focus(intent.direction)
      case 'move':
        return card === undefined ? undefined : actions.move(card, intent.direction)
      case 'edit':
      case 'remove':
      case 'menu':
        return card === undefined ? undefined : actions[intent.do](card)
      case 'add':
      case 'undo':
      case 'help':
      case 'details':
      case 'ring':
        return actions[intent.do]()
    }
  }
  document.addEventListener('keydown', listen)
  return () => document.removeEventListener('keydown', listen)
}

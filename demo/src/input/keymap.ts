/**
 * Owns what each key means. Pure: a key press in, an intent out, or nothing, and then the browser
 * does what it always does. The help dialog prints the same table.
 */
import type { Direction } from '../board/placement.js'

export interface Press {
  readonly key: string
  readonly ctrl: boolean
  readonly alt: boolean
  readonly meta: boolean
  /** The press came from a text field, a dialog or a menu, where keys belong to the text. */
  readonly isTyping: boolean
  /** A card has the focus. */
  readonly isOnCard: boolean
}

export type Intent =
  | { readonly do: 'focus'; readonly direction: Direction }
  | { readonly do: 'move'; readonly direction: Direction }
  | { readonly do: 'add' | 'edit' | 'remove' | 'undo' | 'menu' | 'help' | 'details' | 'ring' }

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
}

export function intentOf(press: Press): Intent | undefined {
  if (press.isTyping) return undefined
  const direction = ARROWS[press.key]
  if (direction) {
    if (press.meta) return undefined
    if (press.ctrl || press.alt) return press.isOnCard ? { do: 'move', direction } : undefined
    return { do: 'focus', direction }
  }
  if (press.ctrl || press.alt || press.meta) return undefined
  if (press.isOnCard) {
    switch (press.key) {
      case 'Enter':
      case 'e':
        return { do: 'edit' }
      case 'Delete':
      case 'Backspace':
        return { do: 'remove' }
      case 'm':
      case ' ':
        return { do: 'menu' }
    }
  }
  switch (press.key) {
    case 'n':
      return { do: 'add' }
    case 'z':
      return { do: 'undo' }
    case 'l':
      return { do: 'details' }
    case 'b':
      return { do: 'ring' }
    case '?':
      return { do: 'help' }
  }
  return undefined
}

/** The help, in the order in which one needs it. */
export const KEYS: readonly (readonly [keys: readonly string[], what: string])[] = [
  [['n'], 'New card'],
  [['←', '↑', '↓', '→'], 'Go from card to card'],
  [['Alt', '← ↑ ↓ →'], 'Move the card (Ctrl works too)'],
  [['m'], 'Menu of the card'],
  [['Enter'], 'Edit the card'],
  [['Delete'], 'Remove the card'],
  [['z'], 'Undo the last removal'],
  [['b'], 'Ring the bell'],
  [['l'], 'The line: connection and outbox'],
  [['?'], 'This help'],
]

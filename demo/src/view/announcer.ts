/**
 * Owns what is said aloud about one's own actions to those who listen rather than look.
 */
import { h } from './h.js'

export interface Announcer {
  readonly element: HTMLElement
  say(text: string): void
}

export function createAnnouncer(): Announcer {
  const element = h('div', { class: 'visually-hidden', 'aria-live': 'polite', role: 'status' })
  return {
    element,
    say(text) {
      // The same sentence twice is news twice: a fresh node is announced, an equal text is not.
      element.replaceChildren(h('span', {}, text))
    },
  }
}

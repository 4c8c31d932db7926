/**
 * Owns what stands in the middle of an empty board, and of one that is not known yet.
 */
import { h, setText } from './h.js'

export interface Starter {
  readonly element: HTMLElement
  render(state: { readonly isKnown: boolean; readonly isEmpty: boolean }): void
}

export function createStarter(onSamples: () => void): Starter {
  const text = h('p')
  const button = h(
    'button',
    { class: 'button is-primary', type: 'button', on: { click: onSamples } },
    'Start with a few cards',
  )
  const element = h('aside', { class: 'starter' }, text, button)
  return {
    element,
    render({ isKnown, isEmpty }) {
      element.hidden = isKnown && !isEmpty
      button.hidden = !isKnown
      setText(
        text,
        isKnown
          ? 'A fresh board. Everything you put on it is there for everybody who opens it.'
          : 'This board has not been here before. It comes as soon as the server answers; what you add meanwhile waits.',
      )
    },
  }
}

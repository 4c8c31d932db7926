/**
 * Owns short messages that come up, may offer one thing to do, and go. They wait while the pointer
 * or the focus is on them, so that nobody has to hurry.
 */
import type { Clock } from '../clock.js'
import { h } from './h.js'
import { icon } from './icons.js'

export interface Toast {
  readonly text: string
  readonly tone?: 'plain' | 'bad'
  readonly act?: { readonly label: string; readonly run: () => void }
  /** Stays until it is answered. */
  readonly isLasting?: boolean
}

export interface Toasts {
  readonly element: HTMLElement
  /** Returns its own undo. */
  show(toast: Toast): () => void
  /** Somebody else sits down: what was told to one person is not for the next. */
  clear(): void
}

const SHOWN_MS = 6500
/** More at once nobody reads; what matters for longer stands elsewhere too. */
const TOASTS_MAX = 3

export function createToasts(clock: Clock): Toasts {
  const element = h('div', { class: 'toasts', role: 'region', 'aria-label': 'Messages' })
  const passing = (which = ''): readonly Element[] => [
    ...element.querySelectorAll(`.toast:not([data-lasting])${which}`),
  ]
  return {
    element,
    show({ text, tone = 'plain', act, isLasting = false }) {
      let undoTimer: (() => void) | undefined
      const hide = (): void => {
        undoTimer?.()
        toast.remove()
      }
      const wait = (): void => {
        undoTimer?.()
        if (!isLasting) undoTimer = clock.after(SHOWN_MS, hide)
      }
      const hold = (): void => undoTimer?.()
      const toast = h(
        'div',
        {
          class: 'toast',
          'data-tone': tone,
          'data-lasting': isLasting,
          role: tone === 'bad' ? 'alert' : 'status',
          'data-keys': 'own',
          on: { pointerenter: hold, pointerleave: wait, focusin: hold, focusout: wait },
        },
        tone === 'bad' && icon('alert'),
        h('p', {}, text),
        act &&
          h(
            'button',
            {
              class: 'button is-small',
              type: 'button',
              on: {
                click: () => {
                  hide()
                  act.run()
                },
              },
            },
            act.label,
          ),
        h(
          'button',
          { class: 'icon-button', type: 'button', 'aria-label': 'Dismiss', on: { click: hide } },
          icon('close'),
        ),
      )
      // One refusal is news, the rest stand in the strip.
      if (tone === 'bad') for (const old of passing('[data-tone=bad]')) old.remove()
      element.append(toast)
      for (const old of passing().slice(0, -TOASTS_MAX)) old.remove()
      wait()
      return hide
    },
    clear() {
      for (const toast of passing()) toast.remove()
    },
  }
}

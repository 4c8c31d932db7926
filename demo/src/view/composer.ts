/**
 * Owns the quick way to add cards: a title, Enter, the next title. Escape or leaving it empty closes.
 */
import { TITLE_MAX } from '../../shared/commands.js'
import { h } from './h.js'

export interface Composer {
  readonly element: HTMLElement
  open(): void
  /** The page may be about to go: what was typed becomes a card. */
  finish(): void
}

export function createComposer(column: string, onAdd: (title: string) => void): Composer {
  const input = h('input', {
    class: 'field',
    type: 'text',
    maxlength: TITLE_MAX,
    placeholder: 'What is to be done?',
    'aria-label': `Title of the new card in ${column}`,
    enterkeyhint: 'done',
    autocomplete: 'off',
  })
  const opener: { element: HTMLElement | undefined } = { element: undefined }
  const finish = (): boolean => {
    const title = input.value.trim()
    input.value = ''
    if (title) onAdd(title)
    return title !== ''
  }
  const close = (): void => {
    const hadFocus = form.contains(document.activeElement)
    // What is hidden keeps the focus until the next frame, and would swallow the next key.
    if (hadFocus) input.blur()
    form.hidden = true
    input.value = ''
    if (hadFocus) opener.element?.focus()
  }
  const form = h(
    'form',
    {
      class: 'composer',
      hidden: true,
      on: {
        submit: (event) => {
          event.preventDefault()
          if (!finish()) return close()
          form.scrollIntoView({ block: 'nearest' })
        },
        keydown: (event) => {
          if (event.key === 'Escape') close()
        },
        focusout: (event) => {
          const isStillInside =
            event.relatedTarget instanceof Node && form.contains(event.relatedTarget)
          if (!isStillInside && !input.value.trim()) form.hidden = true
        },
      },
    },
    input,
    h(
      'div',
      { class: 'row' },
      h('button', { class: 'button is-primary', type: 'submit' }, 'Add card'),
      h('button', { class: 'button', type: 'button', on: { click: close } }, 'Done'),
    ),
  )
  return {
    element: form,
    finish: () => void finish(),
    open() {
      if (document.activeElement instanceof HTMLElement) opener.element = document.activeElement
      form.hidden = false
      input.focus()
      form.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    },
  }
}

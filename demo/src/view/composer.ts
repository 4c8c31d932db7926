/**
 * Owns the quick way to add cards: a title, Enter, the next title. Escape or leaving it empty closes.
 */
import { TITLE_MAX } from '../../shared/commands.js'
import { h } from './h.js'

export interface Composer {
  readonly element: HTMLElement
  open(): void
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
  const close = (): void => {
    const hadFocus = form.contains(document.activeElement)
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
          const title = input.value.trim()
          if (!title) return close()
          input.value = ''
          onAdd(title)
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
    open() {
      if (document.activeElement instanceof HTMLElement) opener.element = document.activeElement
      form.hidden = false
      input.focus()
      form.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    },
  }
}

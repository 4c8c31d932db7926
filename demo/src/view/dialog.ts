/**
 * Owns the frame of every dialog: a heading, a form, and that it leaves the page when it is closed.
 * Focus trap, Escape and the return of the focus are the browser's.
 */
import { type Child, h } from './h.js'

export interface DialogOptions {
  readonly title: string
  readonly body: readonly Child[]
  readonly confirm: string
  readonly dismiss?: string
  /** False keeps the dialog open. */
  readonly onConfirm: () => boolean
  /** Nobody gets past this one by Escape. */
  readonly isRequired?: boolean
}

export function openDialog(options: DialogOptions): HTMLDialogElement {
  const { title, body, confirm, dismiss, onConfirm, isRequired = false } = options
  const dialog = h(
    'dialog',
    {
      class: isRequired ? 'dialog is-first' : 'dialog',
      'data-keys': 'own',
      'aria-labelledby': 'dialog-title',
      on: {
        close: () => dialog.remove(),
        cancel: (event) => isRequired && event.preventDefault(),
        click: (event) => {
          // A click on the backdrop has the dialog itself as its target.
          if (event.target === dialog && !isRequired) dialog.close()
        },
      },
    },
    h(
      'form',
      {
        class: 'dialog-form',
        method: 'dialog',
        on: {
          submit: (event) => {
            event.preventDefault()
            if (onConfirm()) dialog.close()
          },
          keydown: (event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
              event.preventDefault()
              if (onConfirm()) dialog.close()
            }
          },
        },
      },
      isRequired && h('img', { src: '/icon.svg', alt: '', width: 48, height: 48 }),
      h('h2', { id: 'dialog-title' }, title),
      ...body,
      h(
        'div',
        { class: 'row is-end' },
        dismiss !== undefined &&
          h(
            'button',
            { class: 'button', type: 'button', on: { click: () => dialog.close() } },
            dismiss,
          ),
        h('button', { class: 'button is-primary', type: 'submit' }, confirm),
      ),
    ),
  )
  document.body.append(dialog)
  dialog.showModal()
  return dialog
}

/**
 * Owns the question for a name: at the first visit, after a sign-out, and when somebody else sits down.
 */
import { NAME_MAX } from '../../shared/commands.js'
import { openDialog } from './dialog.js'
import { h } from './h.js'

export type NameQuestion =
  /** Nobody is here: there is no way round it. */
  { readonly kind: 'first'; readonly why?: string } | { readonly kind: 'switch' }

export function openNameDialog(question: NameQuestion, onName: (name: string) => void): void {
  const isFirst = question.kind === 'first'
  const name = h('input', {
    class: 'field',
    id: 'user-name',
    required: true,
    pattern: '.*\\S.*',
    maxlength: NAME_MAX,
    autocomplete: 'given-name',
    autofocus: true,
  })
  openDialog({
    title: isFirst ? 'Welcome to the board' : 'Somebody else',
    confirm: isFirst ? 'Come in' : 'Switch',
    ...(isFirst ? { isRequired: true } : { dismiss: 'Cancel' }),
    body: [
      h(
        'p',
        { class: 'dialog-text' },
        isFirst
          ? (question.why ??
              'Everybody who opens this page works on the same board. What shall the others call you?')
          : 'You are signed out in every tab, and the other person gets a line and an outbox of their own.',
      ),
      h('label', { for: 'user-name' }, 'Name'),
      name,
    ],
    onConfirm: () => {
      if (!name.reportValidity()) return false
      onName(name.value.trim())
      return true
    },
  })
}

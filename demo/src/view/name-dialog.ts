/**
 * Owns the question for a name: at the first visit, and when somebody else sits down.
 */
import { NAME_MAX } from '../../shared/commands.js'
import { openDialog } from './dialog.js'
import { h } from './h.js'

export function openNameDialog(
  options: { readonly isFirst: boolean },
  onName: (name: string) => void,
): void {
  const { isFirst } = options
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
          ? 'Everybody who opens this page works on the same board. What shall the others call you?'
          : 'Another person gets a line and an outbox of their own. Only this tab switches.',
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

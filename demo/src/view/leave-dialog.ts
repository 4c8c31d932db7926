/**
 * Owns the question before somebody leaves while something of theirs has not got through: keep it on
 * this device or give it up. It says what each of the two means, also the part that nobody controls.
 */
import type { OutboxEntry } from 'partyline'
import { openDialog } from './dialog.js'
import { h } from './h.js'

export type Fate = 'keep' | 'discard'

export interface LeaveDialogOptions {
  readonly name: string
  readonly entries: readonly Pick<OutboxEntry, 'state'>[]
  readonly onLeave: (fate: Fate) => void
}

export function openLeaveDialog({ name, entries, onLeave }: LeaveDialogOptions): void {
  const words = leaveWords(name, entries)
  const choice = (fate: Fate, label: string, meaning: string): HTMLElement =>
    h(
      'label',
      { class: 'choice' },
      h('input', { type: 'radio', name: 'fate', value: fate, checked: fate === 'keep' }),
      h('span', {}, h('b', {}, label), meaning),
    )
  const keep = choice('keep', 'Keep on this device', words.keep)
  openDialog({
    title: `Sign ${name} out?`,
    confirm: 'Sign out',
    dismiss: 'Cancel',
    body: [
      h('p', { class: 'dialog-text' }, words.what),
      h(
        'fieldset',
        { class: 'choices' },
        h('legend', { class: 'visually-hidden' }, 'What becomes of it'),
        keep,
        choice('discard', 'Discard', words.discard),
      ),
    ],
    onConfirm: () => {
      onLeave(keep.querySelector('input')?.checked ? 'keep' : 'discard')
      return true
    },
  })
}

/** Exported for its tests. */
export function leaveWords(
  name: string,
  entries: LeaveDialogOptions['entries'],
): { readonly what: string; readonly keep: string; readonly discard: string } {
  const failed = entries.filter(({ state }) => state === 'failed').length
  const underway = entries.filter(({ state }) => state === 'sent' || state === 'withdrawn').length
  const open = entries.length - failed
  const what = [
    open > 0 &&
      (underway > 0
        ? `${count(open)} may not have reached the server.`
        : `${count(open)} ${has(open)} not reached the server yet.`),
    failed > 0 &&
      `${count(failed)} ${has(failed)} not got through and wait${failed === 1 ? 's' : ''} for a decision.`,
  ]
  const late =
    underway > 0
      ? ' What is on its way already may take effect all the same: nobody can call it back.'
      : ''
  return {
    what: what.filter(Boolean).join(' '),
    keep: `Stays in this browser, and goes on when ${name} signs in here again.`,
    discard: `Gone for good, with everything of ${name}’s in this browser.${late}`,
  }
}

const count = (changes: number): string => (changes === 1 ? '1 change' : `${changes} changes`)
const has = (changes: number): string => (changes === 1 ? 'has' : 'have')

/**
 * Owns the list of what is in the outbox, the same in every tab: what it is, how old, how far, and
 * for what the server refused the choice to try again or to let go (P5).
 */
import type { OutboxEntry } from 'partyline'
import type { Board } from '../../shared/board.js'
import { describeCommand } from '../board/describe-command.js'
import { commandOf } from '../board/outbox-entries.js'
import { h } from './h.js'
import { agoWords } from './status-words.js'

export interface OutboxActions {
  readonly onRetry: (entry: OutboxEntry) => void
  readonly onDiscard: (entry: OutboxEntry) => void
}

const STATES: Readonly<Record<OutboxEntry['state'], string>> = {
  queued: 'Waiting',
  sent: 'On its way',
  failed: 'Refused',
}

export function outboxList(
  entries: readonly OutboxEntry[],
  cards: Board['cards'],
  /** Undefined: ages are not shown. */
  now: number | undefined,
  { onRetry, onDiscard }: OutboxActions,
): HTMLElement {
  if (entries.length === 0) {
    return h('p', { class: 'outbox-empty' }, 'All that was said has arrived.')
  }
  return h(
    'ul',
    { class: 'outbox', role: 'list' },
    ...entries.map((entry) => {
      const words = wordsFor(entry, cards)
      return h(
        'li',
        { class: 'outbox-entry', 'data-state': entry.state, 'data-key': entry.key },
        h('span', { class: 'outbox-what' }, words),
        h(
          'span',
          { class: 'outbox-how' },
          h('b', {}, STATES[entry.state]),
          now !== undefined && ` · ${agoWords(now - entry.createdAt)}`,
          entry.error && ` · ${reasonOf(entry)}`,
        ),
        h(
          'span',
          { class: 'outbox-acts' },
          entry.state === 'failed' &&
            h(
              'button',
              {
                class: 'button is-small',
                type: 'button',
                'data-act': 'retry',
                'aria-label': `Try again: ${words}`,
                on: { click: () => onRetry(entry) },
              },
              'Try again',
            ),
          entry.state !== 'sent' &&
            h(
              'button',
              {
                class: 'button is-small is-quiet',
                type: 'button',
                'data-act': 'discard',
                'aria-label': `Discard: ${words}`,
                on: { click: () => onDiscard(entry) },
              },
              'Discard',
            ),
        ),
      )
    }),
  )
}

/** Why, in the server's own words where it gave any. */
export function reasonOf({ error }: OutboxEntry): string {
  if (!error) return ''
  return error.code === 'rejected' ? (error.details.why ?? error.details.reason) : error.code
}

function wordsFor(entry: OutboxEntry, cards: Board['cards']): string {
  const command = commandOf(entry)
  return command ? describeCommand(command, cards) : entry.type
}

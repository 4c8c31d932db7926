/**
 * Owns the list of what is in the outbox, the same in every tab: what it is, how far, and what a person
 * may do about it (P5). What waits can be discarded, what was sent can only be withdrawn, and what
 * failed can be tried again.
 *
 * A row is made anew only when its choices change: a button that is replaced once a second while ages
 * grow loses the focus, and the click between two of its lives.
 */
import type { OutboxEntry } from 'partyline'
import type { Board } from '../../shared/board.js'
import { h, setText } from './h.js'
import { factsOf, stateWords, whatWords } from './outbox-words.js'

export interface OutboxActions {
  readonly onRetry: (entry: OutboxEntry) => void
  readonly onRetryAll: () => void
  readonly onDiscard: (entry: OutboxEntry) => void
}

export interface OutboxList {
  readonly element: HTMLElement
  /** Without a clock, ages are not shown. */
  render(entries: readonly OutboxEntry[], now?: number): void
}

export interface OutboxListOptions extends OutboxActions {
  readonly cards: () => Board['cards']
}

interface Row {
  readonly element: HTMLElement
  readonly facts: HTMLElement
  /** What the row was made of. */
  readonly face: string
}

export function createOutboxList({ cards, onRetry, onDiscard }: OutboxListOptions): OutboxList {
  let rows = new Map<string, Row>()
  const list = h('ul', { class: 'outbox', role: 'list' })
  const empty = h('p', { class: 'outbox-empty' }, 'All that was said has arrived.')

  function make(entry: OutboxEntry, words: string, face: string): Row {
    const { state } = entry
    const act = (name: string, label: string, look: string, run: typeof onRetry): HTMLElement =>
      h(
        'button',
        {
          class: `button is-small ${look}`.trim(),
          type: 'button',
          'data-act': name,
          'aria-label': `${label}: ${words}`,
          on: { click: () => run(entry) },
        },
        label,
      )
    const facts = h('span')
    const element = h(
      'li',
      { class: 'outbox-entry', 'data-state': state, 'data-key': entry.key },
      h('span', { class: 'outbox-what' }, words),
      h('span', { class: 'outbox-how' }, h('b', {}, stateWords(entry)), facts),
      h(
        'span',
        { class: 'outbox-acts' },
        state === 'failed' && act('retry', 'Try again', '', onRetry),
        state !== 'withdrawn' &&
          act('discard', state === 'sent' ? 'Withdraw' : 'Discard', 'is-quiet', onDiscard),
      ),
    )
    return { element, facts, face }
  }

  return {
    element: h('div', {}, list, empty),
    render(entries, now) {
      const keys = new Set(entries.map(({ key }) => String(key)))
      // First, so that no row that stays has to move: it would lose the focus.
      for (const [key, { element }] of rows) if (!keys.has(key)) element.remove()
      const next = new Map<string, Row>()
      for (const [index, entry] of entries.entries()) {
        const words = whatWords(entry, cards())
        const face = `${stateWords(entry)} ${entry.state} ${words}`
        const known = rows.get(entry.key)
        const row = known?.face === face ? known : make(entry, words, face)
        if (known !== row) known?.element.remove()
        next.set(entry.key, row)
        setText(
          row.facts,
          factsOf(entry, now)
            .map((fact) => ` · ${fact}`)
            .join(''),
        )
        const here = list.children[index]
        if (here !== row.element) list.insertBefore(row.element, here ?? null)
      }
      rows = next
      empty.hidden = entries.length > 0
    },
  }
}

export interface RetryAll {
  readonly element: HTMLButtonElement
  render(entries: readonly OutboxEntry[]): void
}

/** One press for everything that failed; shown when that saves a press. */
export function createRetryAll({ onRetryAll }: Pick<OutboxActions, 'onRetryAll'>): RetryAll {
  const element = h(
    'button',
    { class: 'button is-small', type: 'button', hidden: true, on: { click: onRetryAll } },
    'Try all again',
  )
  return {
    element,
    render(entries) {
      element.hidden = entries.filter(({ state }) => state === 'failed').length < 2
    },
  }
}

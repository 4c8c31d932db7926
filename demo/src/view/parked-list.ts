/**
 * Owns the list of events that no tab could handle, the same in every tab: what it is, why, and what a
 * person may do about it (P8). It is not there while nothing is parked.
 */
import type { Line, ParkedEvent } from 'partyline'
import type { Board } from '../../shared/board.js'
import type { BoardEvent } from '../../shared/events.js'
import { describeEvent } from '../board/describe-event.js'
import { h } from './h.js'
import { errorWords } from './outbox-words.js'

export interface ParkedList {
  readonly element: HTMLElement
  close(): void
}

export interface ParkedListOptions {
  readonly parked: Pick<Line['parked'], 'subscribe' | 'retry' | 'discard'>
  readonly cards: () => Board['cards']
}

export function createParkedList({ parked, cards }: ParkedListOptions): ParkedList {
  const list = h('ul', { class: 'outbox', role: 'list' })
  const element = h(
    'section',
    { class: 'parked', hidden: true, 'aria-labelledby': 'parked-title' },
    h('h3', { id: 'parked-title' }, 'Not told yet'),
    list,
  )

  function row({ key, payload, error, attempts }: ParkedEvent): HTMLElement {
    const words = parkedWords(payload, cards())
    const act = (label: string, look: string, run: (key: string) => Promise<boolean>) =>
      h(
        'button',
        {
          class: `button is-small ${look}`.trim(),
          type: 'button',
          'aria-label': `${label}: ${words}`,
          on: { click: () => void run(key) },
        },
        label,
      )
    const tries = attempts === 1 ? 'once' : `${attempts} times`
    return h(
      'li',
      { class: 'outbox-entry', 'data-state': 'failed', 'data-key': key },
      h('span', { class: 'outbox-what' }, words),
      h(
        'span',
        { class: 'outbox-how' },
        h('b', {}, 'Given up'),
        ` · tried ${tries} · ${errorWords(error)}`,
      ),
      h(
        'span',
        { class: 'outbox-acts' },
        act('Try again', '', parked.retry),
        act('Discard', 'is-quiet', parked.discard),
      ),
    )
  }

  const close = parked.subscribe((events) => {
    element.hidden = events.length === 0
    list.replaceChildren(...events.map(row))
  })
  return { element, close }
}

export function parkedWords(payload: string, cards: Board['cards']): string {
  try {
    const event = JSON.parse(payload) as BoardEvent
    return `${event.by} ${describeEvent(event, cards)}`
  } catch {
    return 'Something that nobody can read'
  }
}

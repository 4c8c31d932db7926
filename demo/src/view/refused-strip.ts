/**
 * Owns the strip that shows what did not get through, in every tab, until somebody decides (P5).
 */
import type { Line } from 'partyline'
import type { Board } from '../../shared/board.js'
import { failedIn } from '../board/outbox-entries.js'
import { h, setText } from './h.js'
import { createOutboxList, createRetryAll, type OutboxActions } from './outbox-list.js'

export interface RefusedStrip {
  readonly element: HTMLElement
  close(): void
}

export interface RefusedStripOptions extends OutboxActions {
  readonly outbox: Pick<Line['outbox'], 'subscribe'>
  readonly cards: () => Board['cards']
}

export function createRefusedStrip(options: RefusedStripOptions): RefusedStrip {
  const retryAll = createRetryAll(options)
  const count = h('span')
  const head = h('header', { class: 'refused-head' }, count, retryAll.element)
  const list = createOutboxList(options)
  const element = h(
    'section',
    { class: 'refused', hidden: true, 'data-keys': 'own', 'aria-label': 'Did not get through' },
    head,
    list.element,
  )
  const close = options.outbox.subscribe((entries) => {
    const failed = failedIn(entries)
    element.hidden = failed.length === 0
    head.hidden = failed.length < 2
    setText(count, `${failed.length} did not get through`)
    retryAll.render(failed)
    list.render(failed)
  })
  return { element, close }
}

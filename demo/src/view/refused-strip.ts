/**
 * Owns the strip that shows what the server refused, in every tab, until somebody decides (P5).
 */
import type { Line } from 'partyline'
import type { Board } from '../../shared/board.js'
import { failedIn } from '../board/outbox-entries.js'
import { h } from './h.js'
import { type OutboxActions, outboxList } from './outbox-list.js'

export interface RefusedStrip {
  readonly element: HTMLElement
  close(): void
}

export interface RefusedStripOptions extends OutboxActions {
  readonly outbox: Pick<Line['outbox'], 'subscribe'>
  readonly cards: () => Board['cards']
}

export function createRefusedStrip(options: RefusedStripOptions): RefusedStrip {
  const list = h('div')
  const element = h(
    'section',
    { class: 'refused', hidden: true, 'data-keys': 'own', 'aria-label': 'Refused by the server' },
    list,
  )
  let shown = ''
  const close = options.outbox.subscribe((entries) => {
    const failed = failedIn(entries)
    const next = failed.map(({ key }) => key).join()
    if (next === shown) return
    shown = next
    element.hidden = failed.length === 0
    list.replaceChildren(outboxList(failed, options.cards(), undefined, options))
  })
  return { element, close }
}

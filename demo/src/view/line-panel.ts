/**
 * Owns the panel behind "Details": the wire with its tabs, the round trips, the facts, the outbox.
 * It paints only while it is open.
 */
import { describeStatus, type Line, type Status } from 'partyline'
import type { Board } from '../../shared/board.js'
import type { Clock } from '../clock.js'
import { h, setText } from './h.js'
import { icon } from './icons.js'
import { type OutboxActions, outboxList } from './outbox-list.js'
import { createSparkline } from './sparkline.js'
import { hostWords, latencyWords, storageWords, tabsWords, toneOf } from './status-words.js'
import { createWire } from './wire.js'

export interface LinePanel {
  readonly element: HTMLElement
  readonly isOpen: boolean
  setOpen(isOpen: boolean): void
  close(): void
}

export interface LinePanelOptions extends OutboxActions {
  readonly line: Pick<Line, 'status' | 'outbox'>
  readonly clock: Clock
  readonly me: string
  readonly cards: () => Board['cards']
  readonly onOpenChange: (isOpen: boolean) => void
}

const REFRESH_MS = 1000

export function createLinePanel(options: LinePanelOptions): LinePanel {
  const { line, clock, me, cards, onOpenChange } = options
  const wire = createWire()
  const sparkline = createSparkline()
  const sentence = h('p', { class: 'panel-sentence' })
  const facts = {
    Tabs: h('dd'),
    'Runs in': h('dd'),
    Outbox: h('dd'),
    You: h('dd', {}, me),
  }
  const latency = h('span', { class: 'panel-latency' })
  const outbox = h('div', { class: 'panel-outbox' })
  const closer = h(
    'button',
    {
      class: 'icon-button',
      type: 'button',
      'aria-label': 'Close details',
      on: { click: () => setOpen(false) },
    },
    icon('close'),
  )
  const element = h(
    'section',
    {
      class: 'panel',
      id: 'line-panel',
      hidden: true,
      tabindex: -1,
      'data-keys': 'own',
      'aria-label': 'The line in detail',
      on: {
        keydown: (event) => {
          if (event.key === 'Escape') setOpen(false)
        },
      },
    },
    h('header', { class: 'panel-head' }, h('h2', {}, 'The line'), closer),
    h(
      'div',
      { class: 'panel-body' },
      h(
        'div',
        { class: 'panel-line' },
        sentence,
        wire.element,
        h('div', { class: 'panel-trips' }, h('span', {}, 'Round trip'), latency, sparkline.element),
        h(
          'dl',
          { class: 'facts' },
          ...Object.entries(facts).map(([name, value]) => h('div', {}, h('dt', {}, name), value)),
        ),
      ),
      h('div', { class: 'panel-queue' }, h('h3', {}, 'Outbox'), outbox),
    ),
  )

  let undoTick: (() => void) | undefined
  const render = (): void => {
    undoTick?.()
    undoTick = undefined
    if (element.hidden) return
    const status: Status = line.status.value
    const tone = toneOf(status)
    element.dataset.tone = tone
    setText(sentence, describeStatus(status, clock.now()))
    wire.render(status.tabs, tone)
    sparkline.render(status.state === 'online' ? status.latencies : [])
    setText(latency, latencyWords(status))
    setText(facts.Tabs, `${tabsWords(status.tabs)} on one line`)
    setText(facts['Runs in'], hostWords(status))
    setText(facts.Outbox, storageWords(status))
    renderOutbox()
    undoTick = clock.after(REFRESH_MS, render)
  }
  const renderOutbox = (): void => {
    // The list is made anew; whoever stands on one of its buttons stays there.
    const active = document.activeElement
    const held = active instanceof HTMLElement && outbox.contains(active) ? active : undefined
    const key = held?.closest<HTMLElement>('[data-key]')?.dataset.key
    outbox.replaceChildren(outboxList(line.outbox.value, cards(), clock.now(), options))
    if (key === undefined) return
    const same = [...outbox.querySelectorAll<HTMLElement>('[data-key]')]
      .find((entry) => entry.dataset.key === key)
      ?.querySelector<HTMLElement>(`[data-act="${held?.dataset.act}"]`)
    if (same) same.focus()
    else element.focus()
  }
  const setOpen = (isOpen: boolean): void => {
    if (element.hidden !== isOpen) return
    element.hidden = !isOpen
    onOpenChange(isOpen)
    render()
    if (isOpen) element.focus({ preventScroll: true })
  }
  const undoStatus = line.status.subscribe(render)
  const undoOutbox = line.outbox.subscribe(render)

  return {
    element,
    get isOpen() {
      return !element.hidden
    },
    setOpen,
    close() {
      undoStatus()
      undoOutbox()
      undoTick?.()
    },
  }
}

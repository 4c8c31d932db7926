/**
 * Owns the panel behind "Details": the wire with its tabs, the round trips, the facts, the outbox, what
 * could not be told, and what happened lately.
 * It paints only while it is open.
 */
import { describeStatus, type Line, type Status } from 'partyline'
import type { Board } from '../../shared/board.js'
import type { Activity } from '../board/activity.js'
import type { Clock } from '../clock.js'
import { createActivityList } from './activity-list.js'
import { h, setText } from './h.js'
import { icon } from './icons.js'
import { createOutboxList, createRetryAll, type OutboxActions } from './outbox-list.js'
import { createParkedList } from './parked-list.js'
import { createSparkline } from './sparkline.js'
import {
  hostWords,
  isPaused,
  latencyWords,
  memoryWords,
  storageWords,
  tabsWords,
  toneOf,
} from './status-words.js'
import { createWire } from './wire.js'

export interface LinePanel {
  readonly element: HTMLElement
  readonly isOpen: boolean
  setOpen(isOpen: boolean): void
  close(): void
}

export interface LinePanelOptions extends OutboxActions {
  readonly line: Pick<Line, 'status' | 'outbox' | 'parked' | 'pause' | 'resume'>
  readonly clock: Clock
  readonly me: string
  readonly cards: () => Board['cards']
  readonly activity: Pick<Activity, 'value' | 'subscribe'>
  readonly onOpenChange: (isOpen: boolean) => void
}

const REFRESH_MS = 1000

export function createLinePanel(options: LinePanelOptions): LinePanel {
  const { line, clock, me, cards, activity, onOpenChange } = options
  const wire = createWire()
  const sparkline = createSparkline()
  const sentence = h('p', { class: 'panel-sentence' })
  const facts = {
    Tabs: h('dd'),
    'Runs in': h('dd'),
    Outbox: h('dd'),
    You: h('dd', {}, me),
  }
  const memoryText = h('span')
  const memoryReason = h('small')
  const memory = h('p', { class: 'panel-memory', hidden: true }, memoryText, memoryReason)
  const retryAll = createRetryAll(options)
  const latency = h('span', { class: 'panel-latency' })
  const outbox = createOutboxList(options)
  const parked = createParkedList({ parked: line.parked, cards })
  const lately = createActivityList(cards)
  const pause = h('button', {
    class: 'button is-small is-quiet',
    type: 'button',
    title: 'For all tabs; what is sent meanwhile waits',
    on: { click: () => (isPaused(line.status.value) ? line.resume() : line.pause()) },
  })
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
        h('div', { class: 'panel-saying' }, sentence, pause),
        wire.element,
        h('div', { class: 'panel-trips' }, h('span', {}, 'Round trip'), latency, sparkline.element),
        h(
          'dl',
          { class: 'facts' },
          ...Object.entries(facts).map(([name, value]) => h('div', {}, h('dt', {}, name), value)),
        ),
      ),
      h(
        'div',
        { class: 'panel-queue' },
        h('div', { class: 'panel-queue-head' }, h('h3', {}, 'Outbox'), retryAll.element),
        memory,
        outbox.element,
        parked.element,
        h('section', { class: 'lately' }, h('h3', {}, 'Lately'), lately.element),
      ),
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
    setText(pause, isPaused(status) ? 'Go on' : 'Pause')
    wire.render(status.tabs, tone)
    sparkline.render(status.state === 'online' ? status.latencies : [])
    setText(latency, latencyWords(status))
    setText(facts.Tabs, `${tabsWords(status.tabs)} on one line`)
    setText(facts['Runs in'], hostWords(status))
    setText(facts.Outbox, storageWords(status))
    const inMemory = memoryWords(status)
    memory.hidden = inMemory === undefined
    setText(memoryText, inMemory ?? '')
    setText(memoryReason, status.storageError?.message ?? '')
    renderOutbox()
    lately.render(activity.value, clock.now())
    undoTick = clock.after(REFRESH_MS, render)
  }
  const renderOutbox = (): void => {
    const held = document.activeElement
    const wasInside = held instanceof HTMLElement && element.contains(held)
    const { key } = (wasInside && held.closest<HTMLElement>('[data-key]')?.dataset) || {}
    const entries = line.outbox.value
    retryAll.render(entries)
    outbox.render(entries, clock.now())
    if (!wasInside || (held.isConnected && !held.hidden)) return
    // The button is gone with what could be done: the same entry's next one, else the panel.
    const next = [...outbox.element.querySelectorAll<HTMLElement>('[data-key]')]
      .find((entry) => entry.dataset.key === key)
      ?.querySelector('button')
    ;(next ?? element).focus()
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
  const undoActivity = activity.subscribe(render)

  return {
    element,
    get isOpen() {
      return !element.hidden
    },
    setOpen,
    close() {
      undoStatus()
      undoOutbox()
      undoActivity()
      parked.close()
      undoTick?.()
    },
  }
}

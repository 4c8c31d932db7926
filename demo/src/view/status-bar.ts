/**
 * Owns the bar that always tells the truth about the line (P9): the sentence, the countdown, what
 * waits, how many tabs share it. It repaints on every change of status, and once a second only while
 * something counts down.
 *
 * What is read aloud changes with the state, never with the countdown.
 */
import { describeStatus, type Line, type Status } from 'partyline'
import type { Clock } from '../clock.js'
import { h, setAttribute, setText } from './h.js'
import { icon } from './icons.js'
import {
  cureOf,
  latencyWords,
  memoryWords,
  queuedWords,
  tabsWords,
  toneOf,
} from './status-words.js'
import { createWire } from './wire.js'

export interface StatusBar {
  readonly element: HTMLElement
  readonly toggle: HTMLButtonElement
  close(): void
}

export interface StatusBarOptions {
  readonly line: Pick<Line, 'status' | 'outbox' | 'parked' | 'reconnect' | 'resume'>
  readonly clock: Clock
  readonly onToggle: () => void
  readonly onReload: () => void
}

const CURES = { reload: 'Reload', 'go-on': 'Go on', 'try-now': 'Try now' } as const

export function createStatusBar({ line, clock, onToggle, onReload }: StatusBarOptions): StatusBar {
  const sentence = h('span', { class: 'status-sentence', 'aria-hidden': true })
  const aloud = h('span', { class: 'visually-hidden', role: 'status', 'aria-live': 'polite' })
  const wire = createWire()
  const queued = h('span', { class: 'chip is-queued' })
  const failed = h('button', { class: 'chip is-failed', type: 'button', on: { click: onToggle } })
  const memory = h(
    'button',
    { class: 'chip is-memory', type: 'button', hidden: true, on: { click: onToggle } },
    icon('alert'),
    'Not on disk',
  )
  const tabs = h('span', { class: 'chip is-tabs' })
  const latency = h('span', { class: 'chip is-latency', title: 'Round trip to the server' })
  const cure = h('button', {
    class: 'button is-small',
    type: 'button',
    on: {
      click: () => {
        const cures = { reload: onReload, 'go-on': line.resume, 'try-now': line.reconnect }
        cures[cureOf(line.status.value) ?? 'try-now']()
      },
    },
  })
  const toggle = h(
    'button',
    {
      class: 'button is-small is-quiet',
      type: 'button',
      'aria-expanded': 'false',
      'aria-controls': 'line-panel',
      on: { click: onToggle },
    },
    'Details',
    icon('chevron'),
  )
  const element = h(
    'footer',
    { class: 'status-bar', 'aria-label': 'The line' },
    h('span', { class: 'status-lamp', 'aria-hidden': true }),
    sentence,
    aloud,
    cure,
    h('span', { class: 'status-room' }),
    memory,
    failed,
    queued,
    wire.element,
    tabs,
    latency,
    toggle,
  )

  let undoTick: (() => void) | undefined
  const render = (status: Status): void => {
    undoTick?.()
    undoTick = undefined
    const now = clock.now()
    const tone = toneOf(status)
    setAttribute(element, 'data-tone', tone)
    setText(sentence, describeStatus(status, now))
    // Without a countdown: as if the next attempt were now.
    const inMemory = memoryWords(status)
    const steady = describeStatus(status, Number.POSITIVE_INFINITY)
    setText(aloud, inMemory === undefined ? steady : `${steady} ${inMemory}`)
    memory.hidden = inMemory === undefined
    setAttribute(memory, 'title', inMemory)
    setText(queued, queuedWords(status.queued))
    setAttribute(queued, 'data-some', status.queued > 0)
    setText(tabs, `${tabsWords(status.tabs)}, one line`)
    setText(latency, latencyWords(status))
    latency.hidden = status.state !== 'online' || status.latency === undefined
    wire.render(status.tabs, tone)
    const help = cureOf(status)
    cure.hidden = help === undefined
    setText(cure, help ? CURES[help] : '')
    if (status.state === 'reconnecting' && status.retryAt > now) {
      const untilNextSecond = (status.retryAt - now) % 1000 || 1000
      undoTick = clock.after(untilNextSecond + 5, () => render(line.status.value))
    }
  }
  const undoStatus = line.status.subscribe(render)
  const countFailed = (): void => {
    const count =
      line.outbox.value.filter(({ state }) => state === 'failed').length + line.parked.value.length
    failed.hidden = count === 0
    setText(failed, `${count} failed`)
  }
  const undoOutbox = line.outbox.subscribe(countFailed)
  const undoParked = line.parked.subscribe(countFailed)

  return {
    element,
    toggle,
    close() {
      undoStatus()
      undoOutbox()
      undoParked()
      undoTick?.()
    },
  }
}

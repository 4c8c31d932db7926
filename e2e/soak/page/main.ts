/**
 * The page of a soak: it uses the page client as an app would, and keeps nothing of what it is told
 * but counts, which it gives away when it is asked for them.
 */
import { connect, type Line, PartylineError, type Subscription } from 'partyline'
import type { Run } from '../ledger.js'
import {
  CHANNELS,
  type ChannelName,
  type Item,
  type PageApi,
  type PageOptions,
} from './page-api.js'

/** So many events of a channel are kept on disk. */
const HISTORY = 50

let current: { readonly line: Line; readonly options: PageOptions } | undefined
let subscriptions: readonly Subscription[] = []
const published = new Map<ChannelName, number>()
const stored = new Map<ChannelName, number>()
/** Of each author and channel the run that goes on. */
const running = new Map<string, Run>()
let runs: Run[] = []
let counts = { gaps: 0, signals: 0, handled: 0, answered: 0 }
let requests: Record<string, number> = {}
let failures: Record<string, number> = {}
let asked = 0

function theLine(): Line {
  if (!current) throw new Error('connect first')
  return current.line
}

function countIn(where: Record<string, number>, error: unknown): void {
  const code = error instanceof PartylineError ? error.code : String(error)
  where[code] = (where[code] ?? 0) + 1
}
const fails = (error: unknown): void => countIn(failures, error)

function hear(channel: ChannelName, { author, number }: Item): void {
  const name = `${channel} ${author}`
  const run = running.get(name)
  if (run?.last === number - 1) return void running.set(name, { ...run, last: number })
  if (run) runs.push(run)
  running.set(name, { channel, author, first: number, last: number })
}

function join(line: Line, name: ChannelName): Subscription {
  const channel = line.channel<Item>(name)
  channel.onSignal(() => {
    counts.signals += 1
  })
  return channel.subscribe(
    (item, { isKept }) => {
      if (!isKept) hear(name, item)
    },
    {
      from: 'last',
      ...(name === 'a' && { history: HISTORY }),
      onGap: () => {
        counts.gaps += 1
      },
    },
  )
}

async function ask(number: number): Promise<void> {
  asked += 1
  try {
    const answer = await theLine().request('double', number)
    if (answer !== 2 * number) fails(`${number} doubled is not ${answer}`)
    counts.answered += 1
  } catch (error) {
    countIn(requests, error)
  } finally {
    asked -= 1
  }
}

const isAfloat = (): boolean => Object.keys(localStorage).some((name) => name.includes(':boat:'))

const soak: PageApi = {
  connect(options) {
    const { url, worker, name } = options
    const line = connect({ url, worker, onError: fails })
    current = { line, options }
    subscriptions = CHANNELS.map((channel) => join(line, channel))
    line.channel('b').consume('bell', () => {
      counts.handled += 1
    })
    line.channel('c').presence.set({ name })
    line.channel('c').presence.subscribe(() => {})
  },
  isReady: () => subscriptions.every(({ cursor }) => cursor !== undefined),
  publish(channel, count, length) {
    const author = current?.options.name ?? ''
    for (let left = count; left > 0; left--) {
      const number = (published.get(channel) ?? 0) + 1
      published.set(channel, number)
      const item: Item = { author, number, filling: '.'.repeat(length) }
      const delivery = theLine().channel(channel).publish(item)
      delivery.stored.then(() => stored.set(channel, number), fails)
      delivery.done.catch(fails)
    }
    return published.get(channel) ?? 0
  },
  stored: (channel) => stored.get(channel) ?? 0,
  request(count) {
    for (let number = 1; number <= count; number++) void ask(number)
  },
  signal(channel, count) {
    for (let number = 1; number <= count; number++) theLine().channel(channel).signal(number)
  },
  reconnect: () => theLine().reconnect(),
  tally() {
    const told = { ...counts, runs: [...runs, ...running.values()], requests, failures }
    running.clear()
    runs = []
    counts = { gaps: 0, signals: 0, handled: 0, answered: 0 }
    requests = {}
    failures = {}
    return told
  },
  isSettled() {
    const { status, outbox } = theLine()
    const { state, queued } = status.value
    return state === 'online' && queued === 0 && !outbox.value.length && !isAfloat() && asked === 0
  },
}

Object.assign(window, { soak })

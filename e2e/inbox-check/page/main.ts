/**
 * The page that reads: it uses the page client as an app would, and records what it is told while it
 * is being told (story.ts says why).
 */
import { connect, type Line, type Snapshot, type Subscription } from 'partyline'
import { blockingCall } from '../../support/blocking-call.js'
import type { Whole } from '../../support/gateway-questions.js'
import type { Chapter, TabFact } from '../story.js'
import type { PageApi, PageOptions, Reading, SnapshotChoice } from './page-api.js'

type Told = Chapter & { readonly subscription: string }
type Mishap = Omit<Extract<TabFact, { fact: 'error' }>, 'tab'>

const PLACE_EVERY_MS = 20

let current: { readonly line: Line; readonly options: PageOptions } | undefined
const subscriptions = new Map<string, Subscription>()

function here(): NonNullable<typeof current> {
  if (!current) throw new Error('connect first')
  return current
}

function record(fact: Told | Mishap, { recorder, tab }: PageOptions): void {
  blockingCall(`${recorder}/fact`, { ...fact, tab })
}

async function fetchWhole(
  channel: string,
  { by, lateMs }: SnapshotChoice,
  signal: AbortSignal,
): Promise<Whole> {
  const { line, options } = here()
  const address = `${options.recorder}/whole/${encodeURIComponent(channel)}`
  const whole =
    by === 'request'
      ? await line.request<Whole>('whole', channel, { signal, timeout: 2_000 })
      : ((await (await fetch(address, { signal })).json()) as Whole)
  await new Promise((resolve) => setTimeout(resolve, lateMs))
  return whole
}

function subscribe({ subscription: name, channel, from, snapshot }: Reading): void {
  const { line, options } = here()
  const say = (chapter: Chapter): void => record({ ...chapter, subscription: name }, options)
  let wasTold = false
  const tell = (chapter: Chapter): void => {
    wasTold = true
    say(chapter)
  }
  say({ fact: 'subscribed', channel, from, hasSnapshot: snapshot !== undefined })
  const subscription = line
    .channel(channel)
    .subscribe<Whole>((payload, { id }) => tell({ fact: 'event', id, payload }), {
      from,
      onGap: ({ reason, cursor: { id } }) => tell({ fact: 'gap', reason, id }),
      ...(snapshot && {
        async snapshot({ signal }): Promise<Snapshot<Whole>> {
          const whole = await fetchWhole(channel, snapshot, signal)
          return { state: whole, at: whole.at }
        },
        onSnapshot: ({ at }: Whole) => tell({ fact: 'snapshot', at }),
      }),
    })
  subscriptions.set(name, subscription)

  const timer = setInterval(() => {
    const id = subscription.cursor?.id
    if (!wasTold && id !== undefined && subscriptions.has(name)) say({ fact: 'placed', id })
    if (wasTold || id !== undefined || !subscriptions.has(name)) clearInterval(timer)
  }, PLACE_EVERY_MS)
}

const reading: PageApi = {
  get tab() {
    return current?.options.tab
  },
  connect(options) {
    const { url, worker } = options
    const onError = ({ code }: { code: Mishap['code'] }): void =>
      record({ fact: 'error', code }, options)
    current = { options, line: connect({ url, worker, onError }) }
  },
  subscribe,
  stop(name) {
    const subscription = subscriptions.get(name)
    if (!subscription) return
    subscriptions.delete(name)
    subscription.stop()
    record({ fact: 'stopped', subscription: name }, here().options)
  },
  publish(channel, payloads) {
    const { line } = here()
    for (const payload of payloads)
      line
        .channel(channel)
        .publish(payload)
        .done.catch(() => {})
  },
}

Object.assign(window, { reading })

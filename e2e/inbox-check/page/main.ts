/**
 * The page that reads: it uses the page client as an app would, and records what it is told while it
 * is being told (story.ts says why).
 */
import { connect, type Line, type Snapshot, type Subscription } from 'partyline'
import type { Cursor } from '../../../protocol/ids.js'
import { blockingCall } from '../../support/blocking-call.js'
import type { Whole } from '../../support/gateway-questions.js'
import {
  ATTEMPTS_MAX,
  brief,
  type Chapter,
  idIn,
  type TabFact,
  type Turn,
  type TurnFact,
} from '../story.js'
import type { PageApi, PageOptions, Reading, SnapshotChoice, Task, Witness } from './page-api.js'

type Told = Chapter & { readonly subscription: string }
type Handled = Turn & Pick<TurnFact, 'channel' | 'consumer'>
type Mishap = Omit<Extract<TabFact, { fact: 'error' }>, 'tab'>

const PLACE_EVERY_MS = 20

let current: { readonly line: Line; readonly options: PageOptions } | undefined
const subscriptions = new Map<string, Subscription>()
const statuses: string[] = []

function here(): NonNullable<typeof current> {
  if (!current) throw new Error('connect first')
  return current
}

function record(fact: Told | Handled | Mishap, { recorder, tab }: PageOptions): void {
  blockingCall(`${recorder}/fact`, { ...fact, tab })
}

const nameOf = ({ epoch, id }: Cursor): string => idIn(epoch, id)
const positionOf = ({ at, epoch }: Whole): Cursor => ({ epoch, id: at }) as Cursor

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

function subscribe({ subscription: name, channel, from, snapshot, history }: Reading): void {
  const { line, options } = here()
  const say = (chapter: Chapter): void => record({ ...chapter, subscription: name }, options)
  let wasTold = false
  const tell = (chapter: Chapter): void => {
    wasTold = true
    say(chapter)
  }
  const after = typeof from === 'object' ? (from.after as Cursor | undefined) : undefined
  const told = typeof from === 'string' ? from : { after: after ? nameOf(after) : '' }
  say({ fact: 'subscribed', channel, from: told, hasSnapshot: snapshot !== undefined, history })
  const subscription = line
    .channel(channel)
    .subscribe<Whole>(
      (payload, { cursor, isKept }) =>
        tell({ fact: 'event', id: nameOf(cursor), payload: brief(payload), isKept }),
      {
        from: typeof from === 'string' ? from : { after: after ?? '' },
        history,
        onGap: ({ reason, cursor }) => tell({ fact: 'gap', reason, id: nameOf(cursor) }),
        ...(snapshot && {
          async snapshot({ signal }): Promise<Snapshot<Whole>> {
            const whole = await fetchWhole(channel, snapshot, signal)
            return { state: whole, at: positionOf(whole) }
          },
          onSnapshot: (whole: Whole) => tell({ fact: 'snapshot', at: nameOf(positionOf(whole)) }),
        }),
      },
    )
  subscriptions.set(name, subscription)

  const timer = setInterval(() => {
    const { cursor } = subscription
    if (!wasTold && cursor && subscriptions.has(name)) say({ fact: 'placed', id: nameOf(cursor) })
    if (wasTold || cursor || !subscriptions.has(name)) clearInterval(timer)
  }, PLACE_EVERY_MS)
}

function consume({ channel, consumer, takesMs, fails }: Task): void {
  const { line, options } = here()
  const say = (turn: Turn): void => record({ ...turn, channel, consumer }, options)
  say({ fact: 'consuming' })
  line.channel(channel).consume(
    consumer,
    async (payload, { cursor, attempt }) => {
      const event = { id: nameOf(cursor), payload: brief(payload), attempt }
      say({ fact: 'begun', ...event })
      if (takesMs) await new Promise((resolve) => setTimeout(resolve, takesMs))
      const isBad = String(payload).endsWith('5') && attempt <= fails
      say({ fact: isBad ? 'failed' : 'done', ...event })
      if (isBad) throw new Error('failed, as planned')
    },
    {
      maxAttempts: ATTEMPTS_MAX,
      onGap: ({ reason, cursor }) => say({ fact: 'skipped', reason, id: nameOf(cursor) }),
    },
  )
}

async function witness(): Promise<Witness> {
  const { held = [], pending = [] } = await navigator.locks.query()
  const inWords = ({ name, clientId }: LockInfo): string => `${name} (${clientId})`
  return { statuses, held: held.map(inWords), awaited: pending.map(inWords) }
}

const reading: PageApi = {
  get tab() {
    return current?.options.tab
  },
  get isOnline() {
    return current?.line.status.value.state === 'online'
  },
  connect(options) {
    const { url, worker } = options
    const onError = ({ code }: { code: Mishap['code'] }): void =>
      record({ fact: 'error', code }, options)
    const line = connect({ url, worker, onError })
    current = { options, line }
    line.status.subscribe((status) => {
      statuses.push(`${new Date().toISOString()} ${JSON.stringify(status)}`)
    })
  },
  subscribe,
  stop(name) {
    const subscription = subscriptions.get(name)
    if (!subscription) return
    subscriptions.delete(name)
    subscription.stop()
    record({ fact: 'stopped', subscription: name }, here().options)
  },
  consume,
  parked: () =>
    here().line.parked.value.map(({ channel, name, cursor }) => ({
      channel,
      consumer: name,
      id: nameOf(cursor),
    })),
  publish(channel, payloads) {
    const { line } = here()
    for (const payload of payloads)
      line
        .channel(channel)
        .publish(payload)
        .done.catch(() => {})
  },
  witness,
}

Object.assign(window, { reading })

/**
 * The page under fire: it uses the page client as an app would, and records what it does before it
 * does it, and what it is told after it was told (story.ts says why).
 */
import { connect, type Delivery, type Line, PartylineError } from 'partyline'
import type { ErrorCode } from '../../../protocol/errors.js'
import type { OutboxEntry } from '../../../protocol/port.js'
import { blockingCall } from '../../support/blocking-call.js'
import type { TabFact } from '../story.js'
import type { PageApi, PageOptions, PagePayload, Sending } from './page-api.js'

type WithoutTab<Fact> = Fact extends TabFact ? Omit<Fact, 'tab'> : never

let current: { readonly line: Line; readonly options: PageOptions } | undefined

function here(): NonNullable<typeof current> {
  if (!current) throw new Error('connect first')
  return current
}

function record(fact: WithoutTab<TabFact>): void {
  const { recorder, tab } = here().options
  blockingCall(`${recorder}/fact`, { ...fact, tab })
}

function send(channel: string, { key, lane, kind, size, priority, ttl }: Sending): void {
  record({ fact: 'sent', key, lane, kind })
  const payload: PagePayload = { key, lane, filling: '.'.repeat(size) }
  const options = { key, lane, priority, ttl }
  const { line } = here()
  if (kind === 'poison') follow(line.send('forbidden', payload, options))
  else follow(line.channel(channel).publish(payload, options))
}

function follow({ key, stored, done }: Delivery<unknown>): void {
  stored.then(
    () => record({ fact: 'stored', key }),
    (error) => record({ fact: 'not-stored', key, code: codeOf(error) }),
  )
  done.then(
    (result) => record({ fact: 'acked', key, id: (result as { id: string }).id }),
    (error) => recordFailure(key, error),
  )
}

function codeOf(error: unknown): ErrorCode {
  if (!(error instanceof PartylineError)) throw error
  return error.code
}

function recordFailure(key: string, error: Pick<PartylineError, 'code' | 'details'>): void {
  const wasSent = 'sent' in error.details
  record({ fact: 'failed', key, code: error.code, wasSent })
}

const isWaiting = ({ state }: OutboxEntry): boolean => state !== 'failed'

const check: PageApi = {
  connect(options) {
    const { url, worker } = options
    current = { options, line: connect({ url, worker, onError: () => {} }) }
  },
  send(channel, sendings, andClose) {
    for (const sending of sendings) send(channel, sending)
    if (andClose) window.close()
  },
  discardOne() {
    const { line } = here()
    const key = line.outbox.value.filter(isWaiting).at(-1)?.key
    if (key === undefined) return
    record({ fact: 'discard-asked', key })
    void line.outbox.discard(key)
  },
  close: () => window.close(),
  isDrained(lifeboats) {
    const { status, outbox } = here().line
    const { state, queued } = status.value
    const isAfloat = Object.keys(localStorage).some((name) => name.startsWith(lifeboats))
    return state === 'online' && queued === 0 && !isAfloat && !outbox.value.some(isWaiting)
  },
  recordFailures() {
    for (const { key, error } of here().line.outbox.value) if (error) recordFailure(key, error)
  },
}

Object.assign(window, { check })

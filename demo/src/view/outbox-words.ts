/**
 * Owns the words for what stands in the outbox: how far it is, why it went no further, how long it may
 * still wait (P5, P9). Decides by code, never by the text of a message. Pure.
 */
import type { OutboxEntry } from 'partyline'
import type { Board } from '../../shared/board.js'
import { describeCommand } from '../board/describe-command.js'
import { commandOf, isRing } from '../board/outbox-entries.js'
import { agoWords, spanWords } from './status-words.js'

type Ending = Pick<OutboxEntry, 'state' | 'outcome' | 'error'>

export function whatWords(entry: OutboxEntry, cards: Board['cards']): string {
  if (isRing(entry)) return 'Ring the bell'
  const command = commandOf(entry)
  return command ? describeCommand(command, cards) : entry.type
}

const STATES: Readonly<Record<Exclude<OutboxEntry['state'], 'failed'>, string>> = {
  queued: 'Waiting',
  sent: 'On its way',
  withdrawn: 'Being withdrawn',
}

const OUTCOMES: Readonly<Record<NonNullable<OutboxEntry['outcome']>, string>> = {
  rejected: 'Refused',
  expired: 'Too late',
  discarded: 'Pushed out',
}

export function stateWords({ state, outcome, error }: Ending): string {
  if (state !== 'failed') return STATES[state]
  if (error?.code === 'exhausted') return 'Given up'
  if (error?.code === 'outcome-unknown') return 'Nobody knows'
  return OUTCOMES[outcome ?? 'rejected']
}

/** Why, in the server's own words where it gave any. Undefined: there is nothing to explain. */
export function reasonWords({ state, error }: Ending): string | undefined {
  if (state === 'withdrawn') return 'it was sent already, so the server has the last word'
  return error && errorWords(error)
}

export function errorWords(error: NonNullable<OutboxEntry['error']>): string {
  switch (error.code) {
    case 'rejected':
      return error.details.why ?? `the server said “${error.details.reason}”`
    case 'expired':
      return 'its time ran out before the server had it'
    case 'exhausted':
      return `no answer after ${error.details.attempts} attempts`
    case 'outcome-unknown':
      return 'it may or may not have taken effect'
    case 'too-large':
      return 'it is larger than the server takes'
    case 'outbox-full':
      return 'too much waits already'
    case 'failed':
      return `this browser said “${error.details.why ?? error.details.reason}”`
    default:
      return error.code === 'discarded' && error.details.by === 'overflow'
        ? 'newer changes needed the room'
        : error.message
  }
}

/** What else is worth knowing. Without a clock no ages: they would stand still. */
export function factsOf(entry: OutboxEntry, now: number | undefined): readonly string[] {
  const { attempts, createdAt, error, expiresAt, state } = entry
  const reason = reasonWords(entry)
  return [
    ...(now === undefined ? [] : [agoWords(now - createdAt)]),
    ...(attempts > 1 && error?.code !== 'exhausted' ? [`sent ${attempts} times`] : []),
    ...(now !== undefined && expiresAt !== undefined && state !== 'failed'
      ? [lifeWords(expiresAt - now)]
      : []),
    ...(reason === undefined ? [] : [reason]),
  ]
}

export const lifeWords = (ms: number): string =>
  ms < 1000 ? 'expires now' : `expires in ${spanWords(ms)}`

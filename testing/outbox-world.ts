/**
 * Owns the outbox of the unit tests: on a virtual clock, with a disk that answers when it is told to
 * and a list of what happened, in order. A second one on the same disk is the next broker.
 */
import type { Key } from '../protocol/ids.js'
import type { NewOperation, Outcome } from '../protocol/port.js'
import type { UpBody, UpFrame } from '../protocol/wire/frames-up.js'
import type { Limits } from '../worker/outbox/admission.js'
import type { Grant } from '../worker/outbox/dispatcher.js'
import type { Settled, StoredOperation } from '../worker/outbox/operation.js'
import { createOutbox } from '../worker/outbox/outbox.js'
import type { Change } from '../worker/storage/store.js'
import { createVirtualClock, settled } from './virtual-clock.js'

export const GRANT: Grant = { window: 256, payload: 1_000, message: 100_000, channels: 10 }
const LIMITS: Limits = { operations: 1_000, bytes: 1_000_000, overflow: 'reject' }

export const operation = (key: string, more: Partial<NewOperation> = {}): NewOperation => ({
  key: key as Key,
  lane: 'a',
  type: 'note',
  payload: `"${key}"`,
  ...more,
})

export function setUp({
  operations = [] as StoredOperation[],
  incarnation = 1,
  past = [] as Settled[],
  limits = {} as Partial<Limits>,
  isDiskInstant = true,
  clock = createVirtualClock(),
} = {}) {
  const log: (string | number | undefined)[][] = []
  const outcomes: Outcome[] = []
  const frames: UpBody<'op'>[] = []
  const counts = { tokensAsked: 0 }
  const gate = { token: Promise.resolve() }
  const disk = new Map(operations.map((one) => [one.key as string, one]))
  const ended = new Map(past.map((one) => [one.key as string, one]))
  const waiting: ((failure?: Error) => void)[] = []
  const writes: string[][] = []
  const apply = (changes: readonly Change[]): void => {
    for (const change of changes) {
      if (change.type === 'put-operation') disk.set(change.operation.key, change.operation)
      if (change.type === 'delete-operation') disk.delete(change.key)
      if (change.type === 'put-settled') ended.set(change.settled.key, change.settled)
      if (change.type === 'delete-settled') ended.delete(change.key)
    }
  }
  const outbox = createOutbox({
    clock,
    random: () => 0.5,
    loaded: { incarnation, operations, settled: past },
    limits: { ...LIMITS, ...limits },
    async write(changes) {
      writes.push(changes.map(({ type }) => type))
      for (const change of changes) {
        if (change.type !== 'put-operation' && change.type !== 'delete-operation') continue
        const key = change.type === 'put-operation' ? change.operation.key : ''
        const number = change.type === 'put-operation' ? change.operation.number?.seq : undefined
        log.push([change.type === 'put-operation' ? 'write' : change.type, key, number])
      }
      if (!isDiskInstant) {
        await new Promise<void>((resolve, reject) => {
          waiting.push((failure) => (failure ? reject(failure) : resolve()))
        })
      }
      apply(changes)
    },
    transmit(sent) {
      log.push(['transmit', ...keysOf(sent)])
      for (const frame of sent) if (frame[0] === 'op') frames.push(frame[1])
    },
    onOutcome: (outcome) => outcomes.push(outcome),
    onChange: () => {},
    async onTokenNeeded() {
      counts.tokensAsked += 1
      await gate.token
    },
  })
  const transmitted = (): string[] =>
    log.flatMap(([what, ...keys]) => (what === 'transmit' ? (keys as string[]) : []))
  return {
    clock,
    log,
    outcomes,
    disk,
    /** The kinds of changes in each transaction. */
    writes,
    /** What the disk knows of operations that are over. */
    ended,
    /** What was transmitted, as the server sees it. */
    frames,
    counts,
    /** What the asking for a token waits for. */
    gate,
    outbox,
    transmitted,
    /** The disk finishes what it has been asked. */
    async diskAnswers() {
      for (const answer of waiting.splice(0)) answer()
      await settled()
    },
    /** It finishes none of it. */
    async diskFails() {
      for (const answer of waiting.splice(0)) answer(new Error('the disk is broken'))
      await settled()
    },
  }
}

const keysOf = (frames: readonly UpFrame[]): string[] =>
  frames.flatMap((frame) => (frame[0] === 'op' ? [frame[1].key] : []))

export const ack = (seq: number, more: object = {}) => ({ lane: 'a', epoch: EPOCH, seq, ...more })
/** The first epoch of the first broker. */
export const EPOCH = 2 ** 32

export const nack = (seq: number, more: object = {}) =>
  ({ lane: 'a', epoch: EPOCH, seq, verdict: 'drop', code: 'no', ...more }) as const

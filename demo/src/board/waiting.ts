/**
 * Owns which commands are shown although the server has not yet confirmed them, and for how long.
 * A pure state machine over what the line says; the outbox itself lives in the worker.
 *
 * Two small gaps have to be bridged, or cards would flicker: between `send` and the entry's
 * appearance in the outbox, and between its disappearance (the ack) and the arrival of its event.
 */
import type { Command } from '../../shared/commands.js'

/** How long a command that has left the outbox waits for its event, in milliseconds. */
export const LINGER_MS = 3000

export interface Queued {
  readonly key: string
  readonly command: Command
  /** Wall-clock milliseconds. */
  readonly createdAt: number
}

export type Waiting = Queued &
  (
    | { readonly stage: 'handing-over' }
    | { readonly stage: 'in-outbox' }
    | { readonly stage: 'leaving'; readonly until: number }
  )

export type Fact =
  | { readonly kind: 'sent'; readonly queued: Queued }
  /** The line has taken it, or has said that it will not. */
  | { readonly kind: 'handed-over'; readonly key: string; readonly isTaken: boolean }
  | {
      readonly kind: 'outbox-changed'
      readonly queued: readonly Queued[]
      /** What failed or was withdrawn. */
      readonly dropped: readonly string[]
    }
  | { readonly kind: 'settled'; readonly keys: readonly string[] }
  | { readonly kind: 'withdrawn'; readonly key: string }
  | { readonly kind: 'time-passed' }

export function step(
  waiting: readonly Waiting[],
  fact: Fact & { readonly now: number },
): readonly Waiting[] {
  switch (fact.kind) {
    case 'sent':
      if (waiting.some(({ key }) => key === fact.queued.key)) return waiting
      return [...waiting, { ...fact.queued, stage: 'handing-over' }]
    case 'handed-over':
      return fact.isTaken
        ? replace(waiting, fact.key, (one) =>
            one.stage === 'handing-over' ? leave(one, fact.now) : one,
          )
        : without(waiting, [fact.key])
    case 'outbox-changed': {
      const listed = new Set(fact.queued.map(({ key }) => key))
      const others = without(waiting, fact.dropped).filter(({ key }) => !listed.has(key))
      const gone = others.map((one) => (one.stage === 'in-outbox' ? leave(one, fact.now) : one))
      return [
        // Acknowledged before the rest, so they take effect before it; not yet there, after it.
        ...gone.filter(({ stage }) => stage === 'leaving'),
        ...fact.queued.map((queued): Waiting => ({ ...queued, stage: 'in-outbox' })),
        ...gone.filter(({ stage }) => stage === 'handing-over'),
      ]
    }
    case 'settled':
      return without(waiting, fact.keys)
    case 'withdrawn':
      return without(waiting, [fact.key])
    case 'time-passed':
      return waiting.some((one) => isOver(one, fact.now))
        ? waiting.filter((one) => !isOver(one, fact.now))
        : waiting
  }
}

/** When time itself next changes something. */
export function nextDeadline(waiting: readonly Waiting[]): number | undefined {
  const deadlines = waiting.flatMap((one) => (one.stage === 'leaving' ? [one.until] : []))
  return deadlines.length ? Math.min(...deadlines) : undefined
}

const leave = (one: Queued, now: number): Waiting => ({
  key: one.key,
  command: one.command,
  createdAt: one.createdAt,
  stage: 'leaving',
  until: now + LINGER_MS,
})

const isOver = (one: Waiting, now: number): boolean => one.stage === 'leaving' && one.until <= now

function without(waiting: readonly Waiting[], keys: Iterable<string>): readonly Waiting[] {
  if (waiting.length === 0) return waiting
  const gone = new Set(keys)
  const rest = waiting.filter(({ key }) => !gone.has(key))
  return rest.length === waiting.length ? waiting : rest
}

const replace = (
  waiting: readonly Waiting[],
  key: string,
  change: (one: Waiting) => Waiting,
): readonly Waiting[] => waiting.map((one) => (one.key === key ? change(one) : one))

/**
 * Owns how operations end (P5): each in one outcome, told once and remembered. What ended well, or was
 * given up by a person, leaves the outbox; what ended badly stays to be seen (F30), until somebody
 * decides or its time is over.
 *
 * Success is told at once, because the server remembers it too. Everything else is told when it is on
 * disk: whoever hears of an end lets go of what he has kept, and a worker that died in between would
 * have told an end that nobody knows of.
 */
import type { ErrorInfo } from '../../protocol/errors.js'
import type { Key } from '../../protocol/ids.js'
import type { Failure, NewOperation, Outcome } from '../../protocol/port.js'
import { brokerError } from '../../protocol/sentences.js'
import type { Clock } from '../clock.js'
import type { Change } from '../storage/store.js'
import { createFailures, type FailedOperation } from './failures.js'
import type { Item, Lanes } from './lanes.js'
import type { Settled, StoredOperation } from './operation.js'
import { createSettledMemory } from './settled.js'

export interface EndingsOptions {
  readonly clock: Clock
  readonly lanes: Lanes
  readonly settled: readonly Settled[]
  write(changes: readonly Change[]): Promise<void>
  onOutcome(outcome: Outcome): void
  onChange(key: Key): void
}

export interface Endings {
  failed(key: Key): FailedOperation | undefined
  failures(): readonly FailedOperation[]
  /** One that had failed before this broker began. */
  load(failure: FailedOperation): void
  /** It is over and leaves the outbox. */
  settle(item: Item, outcome: Outcome): void
  /** It ended badly: its lane is free, and it stays to be seen. */
  fail(item: Item, outcome: Failure, error: ErrorInfo): void
  /** The same for one that never got into the outbox. Resolves when that is durable. */
  keep(operation: StoredOperation, outcome: Failure, error: ErrorInfo): Promise<void>
  /** It never got into the outbox, and that is all there is to remember. Resolves when that is durable. */
  note(outcome: Outcome): Promise<void>
  /** The server settled the number without effect; what that means depends on who gave it up. */
  refused(item: Item, error: ErrorInfo): void
  /** Takes a failure out of sight. */
  forget(key: Key): void
  /** It begins a new life: how it ended counts no longer. */
  revive(key: Key): void
  /** How it ended, if it did; who hands it over for the first time is told of success only. */
  endOf(operation: NewOperation): Ending | undefined
  /**
   * The lowest number of the lane that the disk may still take for unsettled: should we die now, the next
   * broker asks for its result.
   */
  unwritten(lane: string, epoch: number): number
  /** The disk that had refused some ends has been given them. */
  recovered(): void
  snapshot(): readonly Change[]
}

type Place = Required<Pick<StoredOperation, 'lane' | 'number'>>

export interface Ending {
  readonly outcome: Outcome
  /** Resolves when it is durable, and has been told. */
  readonly written: Promise<void>
}

export function createEndings(options: EndingsOptions): Endings {
  const { clock, lanes, onChange, onOutcome } = options
  const failures = createFailures(clock)
  const memory = createSettledMemory(clock, options.settled)
  /** Ends that are on their way to the disk, each with the place that its operation had. */
  const writing = new Map<Key, { written: Promise<void>; of: Place | undefined }>()
  /** What the disk has refused of them. */
  const refused = new Map<string, { of: Place }>()

  function write(key: Key, changes: readonly Change[], of?: Place): Promise<void> {
    onChange(key)
    const written = options.write(changes).finally(() => {
      if (writing.get(key)?.written === written) writing.delete(key)
    })
    writing.set(key, { written, of })
    // A disk that refuses has been reported where it broke.
    written.catch(() => of && memory.outcomeOf(key) && refused.set(key, { of }))
    return written
  }

  /** What has to make room is forgotten altogether. */
  function remember(outcome: Outcome): readonly Change[] {
    const changes = memory.remember(outcome)
    for (const change of changes) if ('key' in change) refused.delete(change.key)
    return changes
  }

  function leave(outcome: Outcome, of?: StoredOperation): Promise<void> {
    const { key } = outcome
    const place = of?.number && { lane: of.lane, number: of.number }
    return write(key, [{ type: 'delete-operation', key }, ...remember(outcome)], place)
  }

  function tellWhen(written: Promise<void>, outcome: Outcome): void {
    const tell = (): void => onOutcome(outcome)
    written.then(tell, tell)
  }

  function settle(item: Item, outcome: Outcome): void {
    lanes.remove(item)
    const written = leave(outcome, item.operation)
    if (outcome.outcome === 'acked') onOutcome(outcome)
    else tellWhen(written, outcome)
  }

  function forget(key: Key): void {
    const failed = failures.get(key)?.failed
    if (!failed) return
    failures.delete(key)
    void leave({ key, outcome: failed.outcome, error: failed.error })
  }

  function keep(operation: StoredOperation, outcome: Failure, error: ErrorInfo): Promise<void> {
    const { number: _, withdrawn: __, life: ___, sentAt: ____, ...rest } = operation
    const failed = { ...rest, failed: { outcome, error, at: clock.wall() } }
    const { key } = failed
    for (const old of failures.put(failed)) forget(old)
    const written = write(key, [{ type: 'put-operation', operation: failed }])
    tellWhen(written, { key, outcome, error })
    return written
  }

  function fail(item: Item, outcome: Failure, error: ErrorInfo): void {
    lanes.remove(item)
    void keep(item.operation, outcome, error)
  }

  return {
    failed: failures.get,
    failures: () => [...failures.all()],
    load: (failure) => failures.put(failure).forEach(forget),
    settle,
    fail,
    keep,
    note: (outcome) => options.write(remember(outcome)),
    refused(item, error) {
      const { key, withdrawn, attempts = 0 } = item.operation
      // Nobody gave it up: it was a tombstone while the server took smaller payloads only.
      const isBuried =
        withdrawn && error.code === 'rejected' && error.details.reason === 'withdrawn'
      if (!isBuried) {
        const outcome = error.code === 'expired' ? 'expired' : 'rejected'
        // Whoever gave it up does not want to see it again.
        if (withdrawn === 'discarded') settle(item, { key, outcome, error })
        else fail(item, outcome, error)
      } else if (withdrawn === 'expired') fail(item, 'expired', brokerError('expired', {}))
      else if (withdrawn === 'exhausted') {
        fail(item, 'rejected', brokerError('exhausted', { attempts }))
      } else {
        const discarded = brokerError('discarded', { by: 'user' })
        settle(item, { key, outcome: 'discarded', error: discarded })
      }
    },
    forget,
    revive(key) {
      failures.delete(key)
      memory.forget(key)
    },
    endOf({ key, again }) {
      const { written } = writing.get(key) ?? { written: Promise.resolve() }
      const failed = failures.get(key)?.failed
      if (failed) {
        return { outcome: { key, outcome: failed.outcome, error: failed.error }, written }
      }
      const outcome = memory.outcomeOf(key)
      return outcome && (again || outcome.outcome === 'acked') ? { outcome, written } : undefined
    },
    unwritten: (lane, epoch) =>
      Math.min(
        ...[...writing.values(), ...refused.values()].map(({ of }) =>
          of?.lane === lane && of.number.epoch === epoch ? of.number.seq : Infinity,
        ),
      ),
    recovered: () => refused.clear(),
    snapshot: () => [
      ...Array.from(failures.all(), (operation) => ({ type: 'put-operation', operation }) as const),
      ...Array.from(memory.all(), (settled) => ({ type: 'put-settled', settled }) as const),
    ],
  }
}

/**
 * Owns the broker: who is there, and what every tab needs to know (P1, P9, P12). Hosts bring it ports;
 * it gives each a desk, and the line to all of them.
 *
 * The first tab that says hello says which line this is. Everybody is answered at once, also while
 * an older worker still holds the lock: its status is then "connecting", which is the truth.
 */
import type { ErrorInfo } from '../protocol/errors.js'
import type { InstanceId } from '../protocol/ids.js'
import { lineName, tabLockName } from '../protocol/line-name.js'
import type { BrokerSurface, Hello, News, Outcome } from '../protocol/port.js'
import { brokerError } from '../protocol/sentences.js'
import type { Host, LineState } from '../protocol/status.js'
import { CONTRACT } from '../protocol/version.js'
import { badOption } from './line-options.js'
import { createResidence, type ResidenceEnvironment } from './residence.js'
import { createDesk, type Seat } from './tabs/desk.js'
import type { RemoteTab } from './tabs/tab.js'
import { createThrottle } from './tabs/throttle.js'
import { createTokenDesk } from './tabs/token.js'

export interface BrokerEnvironment extends ResidenceEnvironment {
  readonly host: Host
}

export interface Broker {
  /** Resolves with the name of the line, once the first tab has said which it is. */
  readonly named: Promise<string>
  /** A page has a port to us. `hangUp` is called when it is gone. */
  accept(page: RemoteTab, hangUp: () => void): BrokerSurface
  /** Resolves when everything is given back. */
  close(): Promise<void>
}

/** Long enough to swallow what an online line sends and gets acknowledged, short for a person. */
const NEWS_PAUSE_MS = 25

export function createBroker(environment: BrokerEnvironment): Broker {
  const { clock, locks } = environment
  let instance = environment.newId() as InstanceId
  const seats = new Set<Seat>()
  let name: string | undefined
  let tellName = (_: string): void => {}
  const named = new Promise<string>((resolve) => {
    tellName = resolve
  })
  let state: LineState = { state: 'connecting', attempt: 0 }
  let told = ''

  const residence = createResidence({
    environment,
    token: createTokenDesk(clock, () => Array.from(seats, ({ tab }) => tab)),
    onState(next) {
      state = next
      tellStatus()
    },
    onOutcome,
    onOutbox: () => news.call(),
    onTrouble: tellStatus,
    onFenced() {
      state = { state: 'stopped', cause: 'superseded' }
      tellStatus()
    },
    onBegun: tellStatus,
    onOver: reset,
    onSignedOut() {
      tell({ kind: 'signed-out' })
      for (const seat of seats) seat.signedOut()
      seats.clear()
      reset()
    },
    onFound: beginAnew,
  })
  const { withLine } = residence

  const news = createThrottle(clock, NEWS_PAUSE_MS, () => {
    const changes = residence.line?.outbox.ledger.take()
    if (changes) tell(changes)
    // Also when what came has gone within the pause: somebody may have been told of it meanwhile.
    tellStatus()
  })

  /** Another instance, as far as the tabs can see: they attach again and bring along what they have. */
  function beginAnew(): void {
    reset()
    instance = environment.newId() as InstanceId
    for (const { tab } of seats) tab.turnAway(instance)
    seats.clear()
  }

  function reset(): void {
    state = { state: 'connecting', attempt: 0 }
    told = ''
    void residence.leave()
  }

  function onOutcome(outcome: Outcome): void {
    for (const { tab } of seats) {
      if (tab.awaited.delete(outcome.key)) tab.push({ kind: 'outcomes', outcomes: [outcome] })
    }
  }

  function tell(piece: News): void {
    for (const { tab } of seats) tab.push(piece)
  }

  function tellStatus(): void {
    const queued = residence.line?.outbox.queued ?? 0
    residence.consider({ tabs: seats.size, queued })
    const { trouble } = residence
    const status = {
      ...state,
      queued,
      tabs: seats.size,
      host: environment.host,
      storage: trouble ? 'memory' : 'disk',
      ...(trouble && { storageError: trouble }),
    } as const
    const text = JSON.stringify(status)
    // A newcomer changes the number of tabs, so it is always told.
    if (text !== told) tell({ kind: 'status', status })
    told = text
  }

  function refuse(hello: Hello): ErrorInfo | undefined {
    if (hello.contract !== CONTRACT) {
      return brokerError('contract-mismatch', { page: hello.contract, worker: CONTRACT })
    }
    if (name !== undefined && name !== lineName(hello.line)) {
      const expected = 'a SharedWorker with the name that the function is given'
      return brokerError('bad-option', { option: 'worker', expected })
    }
    return badOption(hello.line)
  }

  function admit(seat: Seat, { line: options }: Hello): () => void {
    seats.add(seat)
    name ??= lineName(options)
    tellName(name)
    residence.begin(options)
    tellStatus()
    // Somebody has just opened or woken a page: what stands still deserves another look.
    withLine(({ connection }) => {
      if (state.state === 'stopped') connection.reconnect()
      else connection.suspect('visible')
    })
    return locks ? locks.whenFree(tabLockName(name, seat.tab.id), seat.died) : () => {}
  }

  return {
    named,
    accept: (page, hangUp) =>
      createDesk({
        instance: () => instance,
        page,
        refuse,
        admit,
        dismiss(seat) {
          seats.delete(seat)
          tellStatus()
        },
        hangUp,
        residence,
      }),
    close() {
      news.close()
      for (const { tab } of seats) tab.close()
      seats.clear()
      reset()
      return residence.leave()
    },
  }
}

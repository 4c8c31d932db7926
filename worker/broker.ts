/**
 * Owns the broker: who is there, and what every tab needs to know (P1, P9, P12). Hosts bring it ports;
 * it gives each a desk, and the line to all of them.
 *
 * The first tab that says hello says which line this is. Everybody is answered at once, also while
 * an older worker still holds the lock: its status is then "connecting", which is the truth.
 */
import type { ErrorInfo } from '../protocol/errors.js'
import type { InstanceId } from '../protocol/ids.js'
import { lineName, tabLockName, type WorkerAddress } from '../protocol/line-name.js'
import type { BrokerSurface, Hello, LineOptions, News, Outcome } from '../protocol/port.js'
import { brokerError } from '../protocol/sentences.js'
import type { Host, LineState } from '../protocol/status.js'
import type { Version } from '../protocol/version.js'
import { type FetchText, ownToken, type WorkerAuth } from './auth/own-token.js'
import { createTokenDesk } from './auth/token-desk.js'
import type { TokenSource } from './auth/token-question.js'
import { type Life, showLife } from './life.js'
import { badOption } from './line-options.js'
import { createResidence, type ResidenceEnvironment } from './residence.js'
import { createSuccession, type Succession } from './succession.js'
import { createDesk, type Seat } from './tabs/desk.js'
import type { RemoteTab } from './tabs/tab.js'
import { createThrottle } from './tabs/throttle.js'

export interface BrokerEnvironment extends ResidenceEnvironment {
  readonly host: Host
  /** What this worker was built from. */
  readonly version: Version
  /** Asked for a token when no tab has one. */
  readonly auth?: WorkerAuth | undefined
  readonly fetchText?: FetchText | undefined
}

export interface Broker {
  /** With each stay on the line of that name: `run` at its beginning, and what it returns at its end. */
  whileHere(run: (line: string) => () => void): void
  /** A page has a port to us. `hangUp` is called when it is gone. */
  accept(page: RemoteTab, hangUp: () => void): BrokerSurface
  /** Resolves when everything is given back. */
  close(): Promise<void>
}

/** Long enough to swallow what an online line sends and gets acknowledged, short for a person. */
const NEWS_PAUSE_MS = 25
const ANSWERED_MS = 1_000

export function createBroker(environment: BrokerEnvironment): Broker {
  const { clock, locks, version } = environment
  let instance = environment.newId() as InstanceId
  const seats = new Set<Seat>()
  let name: string | undefined
  /** A worker has one name all its life. */
  let address: WorkerAddress = { generation: 0, isSpare: false }
  let life: Life | undefined
  let succession: Succession | undefined
  let arrive =
    (_line: string): (() => void) =>
    () => {}
  let depart = (): void => {}
  let state: LineState = { state: 'connecting', attempt: 0 }
  let told = ''
  /** Whoever began with it is signed out, also if his hello was still on its way (P13). */
  let overMark: string | undefined

  let own: TokenSource | undefined
  const tokens = createTokenDesk({
    clock,
    tabs: () => Array.from(seats, ({ tab }) => tab),
    own: () => own,
  })
  const residence = createResidence({
    environment,
    tokens,
    onState(next) {
      state = next
      tellStatus()
    },
    onOutcome,
    onOutbox: () => news.call(),
    onParked: tell,
    onTrouble: tellStatus,
    rank: () => ({ ...version, generation: address.generation }),
    shown: () => life?.shown ?? Promise.resolve(),
    // Where locks are refused, there is nothing to be freed.
    onLate: () => void succession?.waited().catch(() => {}),
    onReplaced: beginAnew,
    onElsewhere: environment.host === 'shared-worker' ? sendAway : undefined,
    onFenced() {
      // Whoever has the lock has the line: a broker that lost it had been opening the disk.
      if (locks) return beginAnew()
      state = { state: 'stopped', cause: 'superseded' }
      tellStatus()
    },
    onBegun: tellStatus,
    onOver: reset,
    onSignedOut(mark) {
      overMark = mark
      // Whoever asked over the hub still waits for the answer, which comes when we have left.
      const later = depart
      depart = () => {}
      void residence.leave().finally(() => clock.after(ANSWERED_MS, later))
      // That nothing is done any more can be seen at once (P9).
      state = { state: 'stopped', cause: 'auth' }
      tellStatus()
      const leaving = [...seats]
      for (const seat of leaving) seat.signedOut()
      seats.clear()
      reset()
      return (ends) => {
        for (const { tab } of leaving) {
          tab.push({ kind: 'outcomes', outcomes: ends.filter(({ key }) => tab.awaited.has(key)) })
          tab.push({ kind: 'signed-out' })
        }
      }
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
    life?.end()
    life = undefined
    instance = environment.newId() as InstanceId
    for (const { tab } of seats) tab.turnAway(instance)
    seats.clear()
  }

  /** The same instance: it lives, and has no line. */
  function sendAway(): void {
    reset()
    for (const { tab } of seats) tab.turnAway(instance, true)
    seats.clear()
  }

  function reset(): void {
    state = { state: 'connecting', attempt: 0 }
    told = ''
    depart()
    depart = () => {}
    tokens.forget()
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
    const visible = Array.from(seats).filter(({ tab }) => tab.isVisible).length
    residence.consider({ tabs: seats.size, visible, queued })
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
    const { contract } = version
    if (hello.contract !== contract) {
      return brokerError('contract-mismatch', { page: hello.contract, worker: contract })
    }
    if (name !== undefined && name !== lineName(hello.line)) {
      const expected = 'a SharedWorker with the name that the function is given'
      return brokerError('bad-option', { option: 'worker', expected })
    }
    if (hello.mark && hello.mark === overMark) return brokerError('signed-out', {})
    return badOption(hello.line)
  }

  function settleIn(line: string, own: InstanceId): void {
    life ??= showLife({
      locks,
      line,
      ...address,
      instance: own,
      onLost() {
        if (own === instance) beginAnew()
      },
    })
    if (!locks) return
    const { announce } = residence
    const { generation } = address
    succession ??= createSuccession({ clock, locks, line, generation, announce })
  }

  function ownSource({ url, identity, authUrl }: LineOptions): TokenSource | undefined {
    const { auth = authUrl, fetchText } = environment
    const onError = (error: ErrorInfo): void => tell({ kind: 'problem', error })
    return auth === undefined
      ? undefined
      : ownToken({ auth, fetchText, line: { url, identity }, onError })
  }

  function admit(seat: Seat, { line: options, accused = [], ...hello }: Hello): () => void {
    seats.add(seat)
    if (name === undefined) address = hello.worker ?? address
    name ??= lineName(options)
    settleIn(name, instance)
    if (seat.tab.hasAuth) tokens.expect()
    const isBeginning = residence.begin(options)
    if (isBeginning) own = ownSource(options)
    if (isBeginning) depart = arrive(name)
    // Who comes later knows no better than we do, and may know what was true before.
    if (isBeginning && hello.isPaused) withLine(({ connection }) => connection.pause('user'))
    succession?.accuse(accused)
    tellStatus()
    // Somebody has just opened or woken a page: what stands still deserves another look.
    withLine(({ connection }) => {
      if (state.state === 'stopped') connection.reconnect()
      else connection.suspect('visible')
    })
    return locks ? locks.whenFree(tabLockName(name, seat.tab.id), seat.died) : () => {}
  }

  return {
    whileHere(run) {
      arrive = run
    },
    accept: (page, hangUp) =>
      createDesk({
        instance: () => instance,
        life: async () => life?.shown,
        page,
        refuse,
        admit,
        dismiss(seat) {
          seats.delete(seat)
          tellStatus()
        },
        abandoned({ awaited }, fate) {
          if (fate === 'discard') withLine(({ outbox }) => awaited.forEach(outbox.discard))
          // Not a word of theirs is sent, unless somebody has signed in since.
          void residence.signOut('keep', overMark, () => !seats.size)
        },
        onVisible: tellStatus,
        hangUp,
        residence,
      }),
    close() {
      news.close()
      for (const { tab } of seats) tab.close()
      seats.clear()
      reset()
      succession?.close()
      life?.end()
      return residence.leave()
    },
  }
}

/**
 * Owns one broker's stay on its line: lock, disk and line are begun in this order and given back in the
 * other, so that at no time two of them are held by two brokers (P1, F10). It knows no tabs.
 *
 * A stay ends when nobody needs it, when its identity is signed out, or when a disk that was missing at
 * its beginning has turned up; the next one begins from the disk.
 */
import type { ErrorInfo } from '../protocol/errors.js'
import type { OpenBroadcast } from '../protocol/hub.js'
import type { ClientId } from '../protocol/ids.js'
import { lineName } from '../protocol/line-name.js'
import type { LineOptions, Outcome } from '../protocol/port.js'
import { brokerError } from '../protocol/sentences.js'
import type { Host } from '../protocol/status.js'
import type { Clock } from './clock.js'
import { type Absence, type Attendance, createAbsence } from './connection/absence.js'
import { createLine, type Line, type LineDependencies, type LineEvents } from './line.js'
import type { Rank } from './rank.js'
import { type Disk, openDisk } from './storage/disk.js'
import { unpack } from './storage/luggage.js'
import { storageError } from './storage/storage-error.js'
import type { Change, OpenStore } from './storage/store.js'
import type { Locks } from './tabs/locks.js'
import { createTenure, type Tenure } from './tenure.js'

export interface ResidenceEnvironment
  extends Pick<LineDependencies, 'clock' | 'random' | 'openSocket' | 'fetchStatus' | 'timing'> {
  readonly clock: Clock
  /** Absent where there are no tabs. */
  readonly host?: Host
  /** null: this browser has no disk. */
  readonly openStore: OpenStore | null
  /** Removes what is empty by now: its very name says whose it was. */
  readonly dropStore?: ((line: string) => Promise<void>) | undefined
  /** null: this browser has no locks; goodbyes must do. */
  readonly locks: Locks | null
  readonly openBus: OpenBroadcast | null
  newId(): string
}

export interface ResidenceOptions extends LineEvents {
  readonly environment: ResidenceEnvironment
  readonly tokens: LineDependencies['tokens']
  /** Whether what is stored is safe has changed. */
  onTrouble(): void
  /** See `TenureOptions`. */
  onLate(): void
  /** Another broker has the database: this one may write and send nothing more. */
  onFenced(): void
  /** There is a line now. */
  onBegun(): void
  /** Nobody needs it any more: leave. */
  onOver(): void
  /** The line is somebody else's, or is to be: leave, and send the tabs there. */
  onReplaced(): void
  /** See `TenureOptions`. */
  readonly onElsewhere: (() => void) | undefined
  readonly rank: () => Rank
  /** Resolves when others can see that we live: before that we ask for nothing. */
  shown(): Promise<unknown>
  /** The identity is signed out, and nothing more is done for it. Returns what tells how it ended, once that is sure. */
  onSignedOut(mark: string | undefined): (outcomes: readonly Outcome[]) => void
  /** The disk that was missing is there, and nothing is queued: begin anew, from it. */
  onFound(): void
}

export interface Residence {
  readonly line: Line | undefined
  /** Why nothing is durable. */
  readonly trouble: ErrorInfo | undefined
  /** Begins, unless it has begun; says which. */
  begin(options: LineOptions): boolean
  /**
   * Runs at once, or as soon as there is a line, in the order of the calls. Between two stays it does
   * not: whoever speaks then has been sent away and says it again elsewhere.
   */
  withLine(run: (line: Line) => void): void
  /** Who is there, and how much waits: said again whenever it changes. */
  consider(needs: Attendance): void
  /** See `Tenure`. */
  announce(): void
  /**
   * As soon as there is a line, if it is still asked for then: nothing of this identity is sent after
   * that; `discard`: nor kept.
   */
  signOut(
    outbox: 'discard' | 'keep',
    mark: string | undefined,
    isAsked: () => boolean,
  ): Promise<ErrorInfo | undefined>
  /** Gives everything back; resolves when another broker may begin. */
  leave(): Promise<void>
}

const DROP_MS = 2_000
const GOODBYE_MS = 500

export function createResidence(options: ResidenceOptions): Residence {
  const { environment } = options
  const { clock, newId } = environment
  let tenure: Tenure | undefined
  let disk: Disk | undefined
  let line: Line | undefined
  let absence: Absence | undefined
  let isDiskFound = false
  let stayName: string | undefined
  /** The name of a database that was wiped, and that nobody is to find any more. */
  let condemned: Promise<string | undefined> | undefined
  /** What the stay before knew, and its disk did not. */
  let luggage: readonly Change[] = []
  const waiting: ((line: Line) => void)[] = []
  /** The stay before is being given back. */
  let leaving = Promise.resolve()

  async function begin(lineOptions: LineOptions): Promise<void> {
    const name = lineName(lineOptions)
    stayName = name
    const own = createTenure({
      ...environment,
      line: name,
      rank: options.rank(),
      onLate: options.onLate,
      onOver: options.onOver,
      onElsewhere: options.onElsewhere,
      onReplaced: () => isOver() || options.onReplaced(),
    })
    const isOver = (): boolean => tenure !== own
    tenure = own
    await leaving
    await options.shown()
    if (isOver()) return
    await own.begin()
    if (isOver()) return
    const opened = await openDisk({
      open: environment.openStore,
      request: {
        line: name,
        durability: lineOptions.durability ?? 'strict',
        newClient: () => newId() as ClientId,
      },
      clock,
      snapshot: () => line?.snapshot() ?? [],
      onTrouble(error) {
        if (isOver()) return
        if (!error) line?.outbox.recovered()
        options.onTrouble()
      },
      onFenced() {
        if (isOver()) return
        line?.close()
        options.onFenced()
      },
      onFound() {
        if (isOver()) return
        isDiskFound = true
        void moveIfIdle()
      },
    })
    if (isOver()) return void opened.close()
    disk = opened
    const { loaded, changes } = unpack(opened.loaded, luggage)
    luggage = []
    if (changes.length) opened.write(changes).catch(() => {})
    const made = createLine({
      ...environment,
      ...options,
      options: lineOptions,
      loaded,
      write: opened.write,
      onOutbox() {
        options.onOutbox()
        void moveIfIdle()
      },
    })
    line = made
    const { pauseHidden } = lineOptions
    absence = createAbsence({ clock, pauseHidden, connection: made.connection })
    // Before anything is sent. One of them may sign the identity out: the others are answered too.
    for (const run of waiting.splice(0)) run(made)
    if (line !== made) return
    made.connection.start()
    options.onBegun()
  }

  /** What lives in memory only has to be settled first: the disk knows nothing of it. */
  async function moveIfIdle(): Promise<void> {
    if (!isDiskFound) return
    // Told in the middle of it: an operation that is over is not yet remembered as such.
    await null
    if (!isDiskFound || line?.outbox.queued !== 0) return
    luggage = line.snapshot()
    options.onFound()
  }

  function leave(): Promise<void> {
    const own = tenure
    const ownDisk = disk
    const closed = line?.close()
    absence?.close()
    tenure = undefined
    disk = undefined
    line = undefined
    absence = undefined
    isDiskFound = false
    // Whoever asked is told by the next stay, or asks another broker.
    waiting.length = 0
    if (!own) return leaving
    // To our next stay we would be another broker, and to those who wait no help.
    const giveBack = own.end()
    // What is being written is somebody's work; and only then may another broker read the disk.
    leaving = Promise.all([leaving, within(GOODBYE_MS, closed), ownDisk?.close()])
      .then(dropCondemned)
      .finally(giveBack)
    return leaving
  }

  /** Another connection may hold it open; the line cannot wait for that, and empty it is anyway. */
  async function dropCondemned(): Promise<void> {
    const name = await condemned
    condemned = undefined
    if (name !== undefined) await within(DROP_MS, environment.dropStore?.(name))
  }

  /** Not for ever: a peer that is gone answers no goodbye. */
  function within(ms: number, promise: Promise<void> | undefined): Promise<void> {
    return new Promise((resolve) => {
      if (!promise) return resolve()
      const stop = clock.after(ms, resolve)
      promise.then(resolve, resolve).finally(stop)
    })
  }

  function withLine(run: (line: Line) => void): void {
    if (line) run(line)
    else if (tenure) waiting.push(run)
  }

  return {
    get line() {
      return line
    },
    get trouble() {
      return disk?.trouble
    },
    begin(lineOptions) {
      if (tenure) return false
      void begin(lineOptions)
      return true
    },
    withLine,
    consider(needs) {
      // Before there is a line, what tabs have sent is nowhere but here.
      if (!line) return
      absence?.consider(needs)
      tenure?.consider(needs)
    },
    announce: () => tenure?.announce(),
    signOut: (outbox, mark, isAsked) =>
      new Promise((resolve) =>
        withLine((own) => {
          // Somebody else has done it, while both waited for the line. Or nobody waits: then it would
          // befall whoever has come since (P13).
          if (own !== line || !isAsked()) {
            return resolve(leaving.then(() => brokerError('signed-out', {})))
          }
          const isDiscarded = outbox === 'discard'
          const ends = isDiscarded ? own.outbox.farewells() : []
          own.presence.leave()
          // Where there is no disk, nothing of it is there.
          const type = isDiscarded ? 'wipe' : 'rest'
          const written = environment.openStore ? disk?.write([{ type }]) : undefined
          const tell = options.onSignedOut(mark)
          const told = Promise.resolve(written).then(
            () => void tell(ends),
            (reason) => {
              // What is still on disk may yet be sent: nobody is told that it is over (P5).
              tell([])
              return storageError(reason)
            },
          )
          if (isDiscarded) condemned = told.then((error) => (error ? undefined : stayName))
          resolve(leave().then(() => told))
        }),
      ),
    leave,
  }
}

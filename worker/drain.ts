/**
 * Owns the way out of one line while no page lives (P2): the same lock, database, keys and code as
 * the broker's, for a guest that has little time. It sends what is queued, and then leaves in the one
 * order that is safe: socket, what is being written, disk, lock (P1).
 *
 * It knows no browser event. What it must not do: begin while the line is somebody's, make a database
 * for a line that has none, settle anything that the server has not settled.
 */

import type { ClientId } from '../protocol/ids.js'
import { type LineAddress, lineName } from '../protocol/line-name.js'
import { type FetchText, ownToken, type WorkerAuth } from './auth/own-token.js'
import type { Tokens } from './auth/token-desk.js'
import { createGuestLine } from './guest-line.js'
import type { Line } from './line.js'
import type { ResidenceEnvironment } from './residence.js'
import { openDisk } from './storage/disk.js'
import { createTurn } from './turn.js'

/** How a drain ended. Whatever is not `empty` deserves another one. */
export type Ending =
  /** Nothing waits any more. */
  | 'empty'
  /** The line is somebody's who has not emptied its queue in time. */
  | 'held'
  /** A broker asked for the line. */
  | 'yielded'
  | 'out-of-time'
  /** The server wants a token, and there is none, or none that it likes. */
  | 'unauthorized'
  /** The server does not want this line. */
  | 'stopped'
  /** The database cannot be read or written. */
  | 'no-disk'

export interface DrainOptions extends ResidenceEnvironment {
  /** Whether anything in the line's database waits to be sent. */
  hasQueued(line: string): Promise<boolean>
  /** Absent: cookies say who we are, if anything does. */
  readonly auth?: WorkerAuth | undefined
  readonly fetchText?: FetchText | undefined
  /** For everything, the wait for the line included. */
  readonly limitMs: number
}

export type Drain = (address: LineAddress) => Promise<Ending>

/** A look at the disk takes milliseconds, or for ever. */
const LOOK_MS = 5_000
/** Who waits for the line looks every so often whether its holder has done the work. */
const LOOK_EVERY_MS = 2_000
/** What was taken in is within the limits that its page set; here nothing new comes in. */
const UNLIMITED = { operations: Infinity, bytes: Infinity }

export function createDrain(options: DrainOptions): Drain {
  const { clock, locks } = options
  /** However often we are called, each line is drained once (F20). */
  const running = new Map<string, Promise<Ending>>()

  async function run(address: LineAddress, line: string): Promise<Ending> {
    const until = clock.now() + options.limitMs
    let end = (_: Ending): void => {}
    const over = new Promise<Ending>((resolve) => {
      end = resolve
    })
    const seen = await look(line)
    if (seen !== 'queued') return seen
    // Without locks nobody can know who has the line.
    if (!locks) return 'held'
    const turn = createTurn({ ...options, locks, line, onWanted: () => end('yielded') })
    const stopTimer = clock.after(until - clock.now(), () => end('out-of-time'))
    try {
      for (;;) {
        const isOurs = await turn.within(Math.min(LOOK_EVERY_MS, until - clock.now()))
        // Whoever has or had the line may have sent it all.
        const left = await look(line)
        if (left !== 'queued') return left
        if (isOurs) return await deliver(address, over, end)
        if (clock.now() >= until) return 'held'
      }
    } finally {
      stopTimer()
      turn.end()
    }
  }

  function look(line: string): Promise<'queued' | 'empty' | 'no-disk'> {
    return new Promise((resolve) => {
      const stop = clock.after(LOOK_MS, () => resolve('no-disk'))
      options
        .hasQueued(line)
        .then((isQueued) => resolve(isQueued ? 'queued' : 'empty'))
        .catch(() => resolve('no-disk'))
        .finally(stop)
    })
  }

  async function deliver(
    address: LineAddress,
    over: Promise<Ending>,
    end: (ending: Ending) => void,
  ): Promise<Ending> {
    let line: Line | undefined
    const disk = await openDisk({
      open: options.openStore,
      request: {
        line: lineName(address),
        durability: 'strict',
        newClient: () => options.newId() as ClientId,
      },
      clock,
      snapshot: () => line?.snapshot() ?? [],
      // Memory is for brokers with tabs: here it would only forget.
      onTrouble: () => end('no-disk'),
      onFenced: () => end('yielded'),
      onFound() {},
    })
    try {
      if (disk.trouble) return 'no-disk'
      line = createGuestLine({
        ...options,
        options: { ...address, outbox: UNLIMITED },
        loaded: disk.loaded,
        write: disk.write,
        tokens: tokensOf(address),
        onEnd: end,
      })
      // Of what was seen, some may have expired, and some be beyond reading.
      if (!line.outbox.queued) return 'empty'
      // Or somebody has come while the disk was being opened.
      const early = await Promise.race([over, undefined])
      if (early) return early
      line.connection.start()
      return await over
    } finally {
      try {
        void line?.close()
      } finally {
        await disk.close()
      }
    }
  }

  function tokensOf({ url, identity }: LineAddress): Tokens {
    const { auth, fetchText } = options
    // Nobody is there to be told: the browser is, by an ending that is not `empty`.
    const onError = (): void => {}
    if (auth === undefined) return { isNeeded: false, ask: async () => undefined }
    const own = ownToken({ auth, fetchText, line: { url, identity }, onError })
    return { isNeeded: true, ask: own.token }
  }

  return (address) => {
    const line = lineName(address)
    const own = running.get(line) ?? run(address, line).finally(() => running.delete(line))
    running.set(line, own)
    return own
  }
}

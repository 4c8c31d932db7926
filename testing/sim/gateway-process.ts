/**
 * Owns the gateway of a simulated world: the real switchboard on the real log, in a process that can die
 * at any moment and be started again. The log's file outlives it. What the log was asked for and had not
 * committed when the process died is done up to some point, and the rest never was.
 */
import type { Log, Stretch } from '../../gateway/log/log.js'
import { openSqliteLog } from '../../gateway/log/sqlite-log.js'
import { Refusal } from '../../gateway/refusal.js'
import { createSwitchboard, type Switchboard } from '../../gateway/switchboard.js'
import type { Commons } from './commons.js'
import type { Listener } from './network.js'
import type { Thread } from './scheduler.js'

export interface GatewayProcess extends Listener {
  readonly switchboard: Switchboard | undefined
  /** The log itself, which no process stands before. */
  readonly log: Log
  start(): void
  crash(): void
  close(): Promise<void>
}

/** Small, so that their ends are met. */
const LIMITS = { ringEvents: 8, frameEvents: 5, pageEvents: 5, window: 8, sessionMs: 20_000 }
export const HEARTBEAT = { intervalMs: 5_000, timeoutMs: 2_000 }

export async function createGatewayProcess(commons: Commons): Promise<GatewayProcess> {
  const { scheduler, weather } = commons
  let epochs = 0
  const log = await openSqliteLog({
    file: ':memory:',
    environment: {
      now: scheduler.wall,
      turn: (run) => void Promise.resolve().then(run),
      newEpoch: () => `e${++epochs}`,
    },
  })
  const dice = scheduler.dice('gateway')
  let ids = 0
  let thread: Thread | undefined
  let switchboard: Switchboard | undefined
  let kill = (): void => {}

  function start(): void {
    if (thread) return
    const own = scheduler.thread('gateway')
    const { port, die } = standBefore(log, own)
    thread = own
    switchboard = createSwitchboard({
      log: port,
      clock: {
        now: () => scheduler.now,
        wall: scheduler.wall,
        after: (ms, run) => own.after(ms, 'timer', run),
      },
      random: { roll: dice.roll, newId: () => `g${++ids}` },
      limits: LIMITS,
      heartbeat: HEARTBEAT,
      requests: { echo: (payload) => payload },
      operations: {
        forbidden() {
          throw new Refusal('forbidden')
        },
      },
    })
    kill = die
  }

  /** What a process sees of the log: every answer takes its time, and comes only while it lives. */
  function standBefore(real: Log, own: Thread): { port: Log; die(): void } {
    const lane = own.lane('log', weather.log)
    const asked = new Set<() => unknown>()
    const undo: (() => void)[] = []
    let isDead = false

    const later =
      <Args extends unknown[], Result>(act: (...args: Args) => Promise<Result>) =>
      (...args: Args): Promise<Result> =>
        new Promise((resolve, reject) => {
          const run = (): void => {
            asked.delete(run)
            // The dead hear no answer, and so do nothing more.
            act(...args).then(
              (value) => isDead || resolve(value),
              (reason) => isDead || reject(reason),
            )
          }
          asked.add(run)
          lane.send('answer', run)
        })
    return {
      port: {
        keysMs: real.keysMs,
        commit: later(real.commit),
        find: later(real.find),
        append: later(real.append),
        read: later(real.read),
        tail: later(real.tail),
        position: later(real.position),
        trim: later(real.trim),
        lanes: later(real.lanes),
        forget: later(real.forget),
        follow: later(async (channel: string, listener: (stretch: Stretch) => void) => {
          const stop = await real.follow(channel, (stretch) => isDead || listener(stretch))
          undo.push(stop)
          return stop
        }),
        close: async () => {},
      },
      die() {
        isDead = true
        for (const stop of undo) stop()
        const done = dice.between(0, asked.size)
        for (const run of [...asked].slice(0, done)) run()
      },
    }
  }

  return {
    log,
    get thread() {
      return thread
    },
    get switchboard() {
      return switchboard
    },
    connect(socket) {
      if (!switchboard) throw new Error('nobody listens')
      return switchboard.connect(socket, { url: '/line', headers: {} })
    },
    start,
    crash() {
      thread?.kill()
      kill()
      thread = undefined
      switchboard = undefined
    },
    close: () => log.close(),
  }
}

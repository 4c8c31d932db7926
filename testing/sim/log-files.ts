/**
 * Owns the files of the gateway's log: the one that is there now, and those that were lost. A file that
 * was lost is followed by an empty one, with another epoch. What a process had asked of the log and was
 * not told when it died is done up to some point, and the rest never was.
 */
import type { Log, Stretch } from '../../gateway/log/log.js'
import { openSqliteLog } from '../../gateway/log/sqlite-log.js'
import type { Commons } from './commons.js'
import type { Thread } from './scheduler.js'

export interface LogFiles {
  /** The one that is there now, which no process stands before. */
  readonly log: Log
  /** It is gone, and an empty one is there. No process may have it open. */
  lose(): Promise<void>
  /** What a process sees of it: every answer takes its time, and comes only while it lives. */
  openerOf(own: Thread): { readonly port: Log; die(): void }
  close(): Promise<void>
}

export async function createLogFiles({ scheduler, weather }: Commons): Promise<LogFiles> {
  const dice = scheduler.dice('log')
  const lost: Log[] = []
  let epochs = 0
  const open = (): Promise<Log> =>
    openSqliteLog({
      file: ':memory:',
      environment: {
        now: scheduler.wall,
        turn: (run) => void Promise.resolve().then(run),
        newEpoch: () => `e${++epochs}`,
      },
    })
  let log = await open()

  return {
    get log() {
      return log
    },
    async lose() {
      lost.push(log)
      log = await open()
    },
    openerOf(own) {
      const real = log
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
    },
    async close() {
      for (const one of [...lost, log]) await one.close()
    },
  }
}

/**
 * Owns databases on a machine of their own, for tests: threads that use them, turn by turn, each turn
 * ended when all that promises bring about has come to rest. Chance decides between threads, by a seed.
 */
import { createScheduler } from '../sim/scheduler.js'
import { createDatabases, type Databases, type Factory } from './databases.js'
import type { EngineOptions, User } from './engine.js'

export interface TestThread {
  readonly user: User
  readonly factory: Factory
  hang(): void
  thaw(): void
  /** With what it had said. The browser notices at once. */
  kill(isSent?: boolean): void
}

export interface Machine {
  readonly databases: Databases
  thread(name: string): TestThread
  /** Does it, and goes on until it is done; rejects where nothing more happens. */
  run<Result>(act: () => Promise<Result>): Promise<Result>
  /** One turn. */
  step(): Promise<boolean>
  /** As long as anything happens. */
  rest(): Promise<void>
}

export function createMachine(seed = 1, moods: Omit<EngineOptions, 'work'> = {}): Machine {
  const scheduler = createScheduler(seed)
  const dice = scheduler.dice('machine')
  const system = scheduler.thread('engine')
  const databases = createDatabases({
    work: (what, run) => void system.after(dice.roll(), what, run),
    ...moods,
  })

  return {
    databases,
    thread(name) {
      const thread = scheduler.thread(name)
      const lane = thread.lane('database', (chance) => chance.roll())
      const user = { turn: () => scheduler.steps, tell: lane.send }
      return {
        user,
        factory: databases.factoryFor(user),
        hang: thread.hang,
        thaw: thread.thaw,
        kill(isSent = false) {
          thread.kill()
          databases.died(user, () => isSent)
          databases.bury(user)
        },
      }
    },
    async run(act) {
      let isOver = false
      const work: { done?: ReturnType<typeof act> } = {}
      await scheduler.act('begin', () => {
        work.done = act().finally(() => {
          isOver = true
        })
        work.done.catch(() => {})
      })
      while (!isOver && (await scheduler.step()));
      if (!isOver || !work.done) throw new Error('nothing more happens, and it is not done')
      return work.done
    },
    step: () => scheduler.step(),
    async rest() {
      while (await scheduler.step());
    },
  }
}

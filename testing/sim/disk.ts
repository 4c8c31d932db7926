/**
 * Owns the databases of a simulated browser: the store's memory twin behind an engine that takes its
 * time, runs the transactions of one database one after the other over all connections, and tells the
 * thread that asked. Of a thread that dies the transaction that runs is done or undone, and what waits
 * behind it never happens.
 */
import {
  createMemoryDisk,
  type MemoryDisk,
  openMemoryStore,
} from '../../worker/storage/memory-store.js'
import type { OpenStore, Store } from '../../worker/storage/store.js'
import type { Agent } from './agent.js'
import type { Commons } from './commons.js'

export interface Disks {
  openerOf(agent: Agent): OpenStore
  readonly names: readonly string[]
  drop(line: string): void
  /** What the next transactions come to. */
  fault: 'none' | 'full' | 'broken' | 'stalled'
  /** Closes all connections from outside. */
  sever(): void
}

export function createDisks(commons: Commons): Disks {
  const { system, weather, dice } = commons
  const disks = new Map<string, MemoryDisk>()
  const engines = new Map<string, ReturnType<typeof createEngine>>()
  let fault: Disks['fault'] = 'none'

  function createEngine(name: string) {
    const waiting: { readonly agent: Agent; run(): Promise<void>; hasBegun: boolean }[] = []
    let isBusy = false
    /** It would be done, and the disk has stalled meanwhile. */
    let isHeld = false

    function next(): void {
      if (fault === 'stalled') return
      if (isHeld) return finish()
      const first = waiting[0]
      if (isBusy || !first) return
      isBusy = true
      first.hasBegun = true
      system.after(weather.disk(dice), `transaction of ${first.agent.thread.name}`, () => {
        if (fault === 'stalled') isHeld = true
        else finish()
      })
    }

    function finish(): void {
      isBusy = isHeld = false
      const done = waiting.shift()
      const isDead = done?.agent.thread.state === 'dead'
      if (done && (!isDead || dice.chance(0.5))) void done.run().finally(next)
      else next()
    }

    return {
      next,
      /** In its turn; told to the agent as far as it lives. */
      transact<Result>(agent: Agent, act: () => Promise<Result>): Promise<Result> {
        const lane = agent.thread.lane(name, weather.disk)
        return new Promise((resolve, reject) => {
          waiting.push({
            agent,
            hasBegun: false,
            run: () =>
              act().then(
                (value) => lane.send('done', () => resolve(value)),
                (reason) => lane.send('failed', () => reject(reason)),
              ),
          })
          next()
        })
      },
      forget(agent: Agent): void {
        for (const [index, one] of [...waiting.entries()].reverse()) {
          if (one.agent === agent && !one.hasBegun) waiting.splice(index, 1)
        }
      },
    }
  }

  function engineOf(line: string) {
    const engine = engines.get(line) ?? createEngine('disk')
    engines.set(line, engine)
    return engine
  }

  function diskOf(line: string): MemoryDisk {
    const disk = disks.get(line) ?? createMemoryDisk()
    disks.set(line, disk)
    return disk
  }

  const openerOf =
    (agent: Agent): OpenStore =>
    async (request) => {
      const engine = engineOf(request.line)
      agent.onDeath(() => engine.forget(agent))
      const store = await engine.transact(agent, async (): Promise<Store> => {
        if (fault === 'broken' || request.signal?.aborted)
          throw new DOMException('damaged, or nobody waits any more', 'UnknownError')
        return openMemoryStore(
          {
            ...request,
            onSevered: (why) => agent.thread.after(0, 'severed', () => request.onSevered?.(why)),
          },
          diskOf(request.line),
        )
      })
      return {
        ...store,
        kind: 'disk',
        commit: (changes) =>
          engine.transact(agent, async () => {
            if (fault === 'full') throw new DOMException('full', 'QuotaExceededError')
            if (fault === 'broken') throw new DOMException('damaged', 'UnknownError')
            await store.commit(changes)
          }),
      }
    }

  return {
    openerOf,
    get names() {
      return [...disks.keys()]
    },
    drop: (line) => void disks.delete(line),
    get fault() {
      return fault
    },
    set fault(value) {
      fault = value
      for (const engine of engines.values()) engine.next()
    },
    sever() {
      for (const disk of disks.values()) disk.sever(new Error('the browser closed the database'))
    },
  }
}

/**
 * Owns a lock manager with queues, as browsers have it: one holder a name, or several who share it, the
 * others in the order in which they asked, and thieves, who wait for nobody. `kill` is what the browser
 * does to the locks of whoever died.
 */
import type { Locks } from '../worker/tabs/locks.js'

export interface MemoryLocks {
  /** The lock API as one agent (a tab, a worker) sees it, which is told of everything by `later`. */
  agent(later?: (what: string, run: () => void) => void): LockAgent
  isHeld(name: string): boolean
  /** The names of all that are held. */
  held(): string[]
}

export interface LockAgent extends Locks {
  /** Calls `run` once it holds the lock; the undo gives back the lock, or the place in the queue. */
  queue(name: string, run: () => void, onLost: () => void): () => void
  /** The agent died: everything it holds or waits for is gone. */
  kill(): void
}

interface Request {
  readonly agent: string
  /** With others like it. */
  readonly isShared: boolean
  grant(): void
  lost(): void
}

interface Queue {
  holders: Request[]
  waiting: Request[]
}

export function createMemoryLocks(): MemoryLocks {
  const queues = new Map<string, Queue>()
  let agents = 0

  function request(name: string, own: Request, isThief = false): () => void {
    const queue = queues.get(name) ?? { holders: [], waiting: [] }
    queues.set(name, queue)
    if (isThief) {
      for (const victim of queue.holders.splice(0)) victim.lost()
      queue.waiting.unshift(own)
    } else queue.waiting.push(own)
    grant(queue)
    return () => drop(name, own)
  }

  function grant({ holders, waiting }: Queue): void {
    for (let [next] = waiting; next; [next] = waiting) {
      const isFree = !holders.length || (next.isShared && holders[0]?.isShared)
      if (!isFree) return
      waiting.shift()
      holders.push(next)
      next.grant()
    }
  }

  function drop(name: string, own: Request): void {
    const queue = queues.get(name)
    if (!queue) return
    const isNot = (one: Request): boolean => one !== own
    queue.holders = queue.holders.filter(isNot)
    queue.waiting = queue.waiting.filter(isNot)
    grant(queue)
  }

  const held = (): [name: string, holder: Request][] =>
    [...queues].flatMap(([name, { holders }]) =>
      holders.map((holder) => [name, holder] as [string, Request]),
    )

  return {
    isHeld: (name) => held().some(([one]) => one === name),
    held: () => [...new Set(held().map(([name]) => name))],
    agent(later = (_what, run) => void Promise.resolve().then(run)) {
      const agent = `agent ${++agents}`
      const granted = (name: string, run: () => void): void => later(`grant of ${name}`, run)
      const take =
        (isThief: boolean): Locks['hold'] =>
        (name, onLost, { signal } = new AbortController()) =>
          new Promise((resolve, reject) => {
            let isOurs = false
            const own: Request = {
              agent,
              isShared: false,
              grant: () =>
                granted(name, () => {
                  isOurs = true
                  resolve(() => drop(name, own))
                }),
              lost: () => later(`loss of ${name}`, () => onLost?.()),
            }
            const undo = request(name, own, isThief)
            signal.addEventListener('abort', () => {
              if (isOurs) return
              undo()
              reject(signal.reason)
            })
          })
      return {
        hold: take(false),
        steal: take(true),
        // As pages ask; a broker waits for a tab alone.
        whenFree(name, run) {
          let isOver = false
          const own: Request = {
            agent,
            isShared: true,
            grant: () =>
              granted(name, () => {
                drop(name, own)
                if (!isOver) run()
              }),
            lost() {},
          }
          const undo = request(name, own)
          return () => {
            isOver = true
            undo()
          }
        },
        holders: () =>
          new Promise((resolve) => {
            const now = new Map(held().map(([name, holder]) => [name, holder.agent]))
            later('list of locks', () => resolve(now))
          }),
        queue(name, run, onLost) {
          let isOver = false
          const undo: () => void = request(name, {
            agent,
            isShared: false,
            grant: () => granted(name, () => isOver || run()),
            lost: () => later(`loss of ${name}`, () => isOver || onLost()),
          })
          return () => {
            isOver = true
            undo()
          }
        },
        kill() {
          for (const [name, { holders, waiting }] of queues) {
            const own = [...waiting, ...holders].filter((one) => one.agent === agent)
            for (const one of own) drop(name, one)
          }
        },
      }
    },
  }
}

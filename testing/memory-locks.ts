/**
 * Owns a lock manager with queues, as browsers have it: one holder a name, the others in the order in
 * which they asked, and thieves, who wait for nobody. `kill` is what the browser does to the locks of
 * whoever died.
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
  queue(name: string, run: () => void): () => void
  /** The agent died: everything it holds or waits for is gone. */
  kill(): void
}

interface Request {
  readonly agent: string
  grant(): void
  lost(): void
}

export function createMemoryLocks(): MemoryLocks {
  const queues = new Map<string, Request[]>()
  let agents = 0

  function request(name: string, own: Request, isThief = false): () => void {
    const queue = queues.get(name) ?? []
    queues.set(name, queue)
    if (isThief) {
      const victim = queue.shift()
      queue.unshift(own)
      victim?.lost()
    } else queue.push(own)
    if (queue[0] === own) own.grant()
    return () => drop(name, own)
  }

  function drop(name: string, own: Request): void {
    const queue = queues.get(name) ?? []
    const index = queue.indexOf(own)
    if (index < 0) return
    queue.splice(index, 1)
    if (index === 0) queue[0]?.grant()
  }

  const held = (): [name: string, holder: Request][] =>
    [...queues].flatMap(([name, [first]]) => (first ? [[name, first] as [string, Request]] : []))

  return {
    isHeld: (name) => (queues.get(name)?.length ?? 0) > 0,
    held: () => held().map(([name]) => name),
    agent(later = (_what, run) => void Promise.resolve().then(run)) {
      const agent = `agent ${++agents}`
      const granted = (name: string, run: () => void): void => later(`grant of ${name}`, run)
      const take =
        (isThief: boolean): Locks['hold'] =>
        (name, onLost) =>
          new Promise((resolve) => {
            const own: Request = {
              agent,
              grant: () => granted(name, () => resolve(() => drop(name, own))),
              lost: () => later(`loss of ${name}`, () => onLost?.()),
            }
            request(name, own, isThief)
          })
      return {
        hold: take(false),
        steal: take(true),
        whenFree(name, run) {
          let isOver = false
          const own: Request = {
            agent,
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
        queue(name, run) {
          let isOver = false
          const undo: () => void = request(name, {
            agent,
            grant: () => granted(name, () => isOver || run()),
            lost() {},
          })
          return () => {
            isOver = true
            undo()
          }
        },
        kill() {
          for (const [name, queue] of queues) {
            for (const own of queue.filter((one) => one.agent === agent)) drop(name, own)
          }
        },
      }
    },
  }
}

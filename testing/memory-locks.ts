/**
 * Owns a lock manager with queues, as browsers have it: one holder a name, the others in the order in
 * which they asked. `kill` is what the browser does to the locks of whoever died.
 */
export interface MemoryLocks {
  /** The lock API as one agent (a tab, a worker) sees it. */
  agent(): LockAgent
  isHeld(name: string): boolean
}

export interface LockAgent {
  hold(name: string): Promise<() => void>
  whenFree(name: string, run: () => void): () => void
  /** Calls `run` once it holds the lock; the undo gives back the lock, or the place in the queue. */
  queue(name: string, run: () => void): () => void
  /** The agent died: everything it holds or waits for is gone. */
  kill(): void
}

interface Request {
  readonly agent: object
  grant(): void
}

export function createMemoryLocks(): MemoryLocks {
  const queues = new Map<string, Request[]>()

  function request(name: string, own: Request): () => void {
    const queue = queues.get(name) ?? []
    queues.set(name, queue)
    queue.push(own)
    if (queue.length === 1) own.grant()
    return () => drop(name, own)
  }

  function drop(name: string, own: Request): void {
    const queue = queues.get(name) ?? []
    const index = queue.indexOf(own)
    if (index < 0) return
    queue.splice(index, 1)
    if (index === 0) queue[0]?.grant()
  }

  return {
    isHeld: (name) => (queues.get(name)?.length ?? 0) > 0,
    agent() {
      const agent = {}
      return {
        hold: (name) =>
          new Promise((resolve) => {
            const undo: () => void = request(name, {
              agent,
              grant: () => void Promise.resolve().then(() => resolve(() => undo())),
            })
          }),
        whenFree(name, run) {
          let isOver = false
          const own: Request = {
            agent,
            grant: () =>
              void Promise.resolve().then(() => {
                drop(name, own)
                if (!isOver) run()
              }),
          }
          const undo = request(name, own)
          return () => {
            isOver = true
            undo()
          }
        },
        queue(name, run) {
          let isOver = false
          const undo: () => void = request(name, {
            agent,
            grant: () => void Promise.resolve().then(() => isOver || run()),
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

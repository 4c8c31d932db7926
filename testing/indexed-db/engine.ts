/**
 * Owns the machine under all databases: whose thread hears what, what the engine does on its own, and
 * the moods of the disk. It takes time from whoever made it, so anything may come in between two of its
 * answers. It does not know what a transaction is.
 */

/** A tab or a worker: databases speak to it on its own thread. */
export interface User {
  /**
   * Another number in every turn of that thread. What promises bring about belongs to the turn that they
   * follow from.
   */
  turn(): number
  /** Something happens there, after what was said before it. */
  tell(what: string, run: () => void): void
}

/** What others wait for. */
export interface Obstacle {
  readonly isOver: boolean
  /** Undone, for this reason, unless it is being committed. */
  stop(reason: DOMException): void
}

/** Where a disk may fail. */
export type Moment = 'open' | 'read' | 'write' | 'commit'

export interface EngineOptions {
  /** What the engine does on its own, some time later. */
  work(what: string, run: () => void): void
  /** Whether this fails now, and why; a commit may fail without a word, as it does in WebKit. */
  ill?(moment: Moment): DOMException | 'unsaid' | undefined
  /** Somebody has begun to wait for it. */
  onHeld?(by: Obstacle): void
}

export interface Engine {
  /** As said in the options; while the disk is stalled, nothing. */
  work(what: string, run: () => void): void
  tell(user: User, what: string, run: () => void): void
  ill(moment: Moment): DOMException | 'unsaid' | undefined
  onHeld(by: Obstacle): void
  /** Nothing is done and nothing answered. */
  stall(): void
  /** Everything goes on where it stood. */
  goOn(): void
  /** It died: it hears nothing more, and asks for nothing. */
  bury(user: User): void
  isBuried(user: User): boolean
}

interface Queue {
  readonly waiting: (() => void)[]
  /** How many of them have had their time, while the disk was stalled. */
  missed: number
  tick(what: string): void
}

export function createEngine({ work, ill, onHeld }: EngineOptions): Engine {
  const queues = new Map<User | 'engine', Queue>()
  const buried = new WeakSet<User>()
  let isStalled = false

  function createQueue(send: (what: string, run: () => void) => void): Queue {
    const queue: Queue = {
      waiting: [],
      missed: 0,
      tick: (what) =>
        send(what, () => {
          if (isStalled) queue.missed += 1
          else queue.waiting.shift()?.()
        }),
    }
    return queue
  }

  function put(to: User | 'engine', what: string, run: () => void): void {
    const queue = queues.get(to) ?? createQueue(to === 'engine' ? work : to.tell)
    queues.set(to, queue)
    queue.waiting.push(run)
    queue.tick(what)
  }

  return {
    work: (what, run) => put('engine', what, run),
    tell(user, what, run) {
      if (!buried.has(user)) put(user, what, run)
    },
    ill: (moment) => ill?.(moment),
    onHeld: (by) => onHeld?.(by),
    stall() {
      isStalled = true
    },
    goOn() {
      isStalled = false
      for (const queue of queues.values()) {
        const { missed } = queue
        queue.missed = 0
        for (let i = 0; i < missed; i++) queue.tick('after a stall')
      }
    },
    bury(user) {
      buried.add(user)
      queues.delete(user)
    },
    isBuried: (user) => buried.has(user),
  }
}

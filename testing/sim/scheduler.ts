/**
 * Owns time and order in the simulation: everything that happens is an event of a thread, and events
 * happen one at a time, by their time and, within it, by the seed. What promises follow from one has
 * come to rest before the next. It knows nothing of what the events do.
 *
 * A lane keeps its own order, as a port or a socket does; between lanes there is none. Each lane has
 * its own chance, named by seed and lane, so that a story without one of its acts is told with nearly
 * the same weather, which is what makes stories shrink.
 */
import { setImmediate as afterMicrotasks } from 'node:timers'
import { createDice, type Dice } from '../../e2e/support/random.js'
import { createHeap } from './heap.js'

export interface Thread {
  readonly name: string
  readonly state: 'runs' | 'hangs' | 'dead'
  /** Something happens there after that time; returns its own undo. */
  after(ms: number, what: string, run: () => void): () => void
  /** What is said on it arrives in its order, each after some time of the weather's. */
  lane(name: string, delay: Delay): Lane
  /** Everything waits from now on: an endless loop, or a frozen page. */
  hang(): void
  thaw(): void
  kill(): void
}

export interface Lane {
  send(what: string, run: () => void): void
  /** What is on its way stays there until the lane is opened again. */
  close(): void
  open(): void
  /** Loses what is on its way from some point on: its sender died. */
  sever(): void
}

/** Milliseconds, as the dice fall. */
export type Delay = (dice: Dice) => number

export interface Happening {
  readonly at: number
  readonly thread: string
  readonly what: string
}

export interface Scheduler {
  readonly now: number
  /** Since 1970, as far as the machine knows. */
  wall(): number
  jumpWall(ms: number): void
  readonly steps: number
  /** Everything that has happened, in order. */
  readonly trace: readonly Happening[]
  thread(name: string): Thread
  /** Chance of one's own, the same in every run with this seed. */
  dice(name: string): Dice
  /** What waits to happen on threads that live. */
  waiting(): readonly Happening[]
  /** Something is done from outside, now, and all that follows from it at once. */
  act(what: string, run: () => void | Promise<void>): Promise<void>
  /** The next event, and all that follows from it; false: there is none up to that time. */
  step(until?: number): Promise<boolean>
}

interface Event {
  at: number
  tie: number
  readonly order: number
  readonly thread: Thread & { readonly backlog: Event[] }
  readonly what: string
  run: (() => void) | undefined
}

const EPOCH = 1_700_000_000_000
/** Before everything else that happens at the same time. */
const FIRST = -1

export function createScheduler(seed: number): Scheduler {
  const heap = createHeap<Event>((a, b) => a.at - b.at || a.tie - b.tie || a.order - b.order)
  const trace: Happening[] = []
  let now = 1_000
  let wallOffset = EPOCH
  let orders = 0
  let threads = 0

  const dice = (name: string): Dice => createDice(hash(seed, name))

  function put(event: Event): void {
    heap.push(event)
  }

  function thread(name: string): Thread {
    const id = `${name}/${++threads}`
    const own = dice(name)
    const backlog: Event[] = []
    const event = (at: number, tie: number, what: string, run: () => void): Event => {
      const made = { at, tie, order: ++orders, thread: self, what, run }
      put(made)
      return made
    }
    const self = {
      name,
      state: 'runs' as Thread['state'],
      backlog,
      after(ms: number, what: string, run: () => void) {
        const made = event(now + Math.max(0, ms), own.roll(), what, run)
        return () => {
          made.run = undefined
        }
      },
      lane(laneName: string, delay: Delay): Lane {
        const chance = dice(`${id} ${laneName}`)
        let last = { at: 0, tie: 0 }
        let isOpen = true
        let held: { what: string; run: () => void }[] = []
        let under: Event[] = []
        function send(what: string, run: () => void): void {
          if (!isOpen) return void held.push({ what, run })
          const at = Math.max(last.at, now + delay(chance))
          const tie = at === last.at ? last.tie : chance.roll()
          last = { at, tie }
          under = under.filter((one) => one.run)
          const made = event(at, tie, `${laneName}: ${what}`, run)
          under.push(made)
        }
        return {
          send,
          close() {
            isOpen = false
          },
          open() {
            isOpen = true
            for (const { what, run } of held.splice(0)) send(what, run)
          },
          sever() {
            held = []
            under = under.filter((one) => one.run)
            const kept = chance.between(0, under.length)
            for (const lost of under.splice(kept)) lost.run = undefined
          },
        }
      },
      hang() {
        if (self.state === 'runs') self.state = 'hangs'
      },
      thaw() {
        if (self.state !== 'hangs') return
        self.state = 'runs'
        for (const waiting of backlog.splice(0)) {
          waiting.at = now
          waiting.tie = FIRST
          put(waiting)
        }
      },
      kill() {
        self.state = 'dead'
        backlog.length = 0
      },
    }
    return self
  }

  /** Whether it counts: what was called off or is for the dead does not. */
  function due(event: Event): boolean {
    const { state, backlog } = event.thread
    if (!event.run || state === 'dead') return false
    if (state === 'runs') return true
    backlog.push(event)
    return false
  }

  return {
    get now() {
      return now
    },
    wall: () => now + wallOffset,
    jumpWall(ms) {
      wallOffset += ms
    },
    get steps() {
      return trace.length
    },
    trace,
    thread,
    dice,
    waiting: () =>
      heap
        .all()
        .filter(({ run, thread: { state } }) => run && state !== 'dead')
        .map(({ at, thread: { name }, what }) => ({ at, thread: name, what })),
    async act(what, run) {
      trace.push({ at: now, thread: 'fate', what })
      await run()
      await settled()
    },
    async step(until = Infinity) {
      for (;;) {
        const next = heap.peek()
        if (!next || next.at > until) return false
        heap.pop()
        if (!due(next)) continue
        const { run, thread: where, what } = next
        now = Math.max(now, next.at)
        next.run = undefined
        trace.push({ at: now, thread: where.name, what })
        run?.()
        await settled()
        return true
      }
    },
  }
}

/** Everything that needs no further event has happened. */
const settled = (): Promise<void> => new Promise((resolve) => void afterMicrotasks(resolve))

/** FNV-1a over the name, begun with the seed. */
export function hash(seed: number, name: string): number {
  let value = 0x811c9dc5 ^ seed
  for (let i = 0; i < name.length; i++) {
    value = Math.imul(value ^ name.charCodeAt(i), 0x01000193)
  }
  return Math.imul(value ^ (value >>> 15), 0x2c1b3c6d) >>> 0
}

/**
 * Owns time in tests: it stands still until `advance`, then every timer fires in its order, and what
 * promises follow from one is settled before the next. The wall clock may jump by itself.
 */
export interface VirtualClock {
  now(): number
  wall(): number
  after(ms: number, run: () => void): () => void
  /** Lets time pass; returns when everything due has happened. */
  advance(ms: number): Promise<void>
  /** Time has passed and no timer has fired yet: how a machine wakes up. */
  leap(ms: number): void
  /** Moves the wall clock alone: sleep, or somebody setting it. */
  jumpWall(ms: number): void
  /** Timers that are still set. */
  readonly pending: number
}

interface Timer {
  readonly at: number
  readonly order: number
  run(): void
}

export function createVirtualClock(): VirtualClock {
  const timers = new Set<Timer>()
  let now = 1_000
  let wallOffset = 1_700_000_000_000
  let order = 0

  function nextDue(limit: number): Timer | undefined {
    const due = [...timers].filter(({ at }) => at <= limit)
    return due.sort((a, b) => a.at - b.at || a.order - b.order)[0]
  }

  return {
    now: () => now,
    wall: () => now + wallOffset,
    after(ms, run) {
      const timer = { at: now + Math.max(0, ms), order: order++, run }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    async advance(ms) {
      const end = now + ms
      await settled()
      for (let timer = nextDue(end); timer; timer = nextDue(end)) {
        timers.delete(timer)
        now = Math.max(now, timer.at)
        timer.run()
        await settled()
      }
      now = end
    },
    leap(ms) {
      now += ms
    },
    jumpWall(ms) {
      wallOffset += ms
    },
    get pending() {
      return timers.size
    },
  }
}

/** Lets every promise that can settle without time passing settle. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 100; i++) await null
}

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FACTS, NOW } from '../../testing/connection-specimens.js'
import type { Rules } from './rules.js'
import type { Fact, Happening, PauseReason, State } from './state.js'
import { deadlineOf, IDLE, step } from './step.js'
import { TIMING } from './timing.js'

const RUNS = { seed: 46, numRuns: 2_000 }
const REASONS: readonly PauseReason[] = ['user', 'hidden', 'unauthorized']
const CODES = [1000, 1006, 1012, 1013, 4001, 4002, 4003, 4009, 4029]

/** What happens to a line: any fact, after any time, whether it fits or not. */
const life = fc.array(
  fc.record({
    happening: fc.oneof(
      fc.constantFrom<Happening>(
        ...Object.values(FACTS).filter(({ type }) => type !== 'closed-by-us'),
      ),
      fc.constantFrom(...CODES).map((code): Happening => ({ type: 'socket-closed', code })),
      fc.constantFrom(...REASONS).map((reason): Happening => ({ type: 'pause-asked', reason })),
      fc.constantFrom(...REASONS).map((reason): Happening => ({ type: 'resume-asked', reason })),
      fc
        .constantFrom('well', 'ill', 'silent')
        .map((health): Happening => ({ type: 'health-told', health })),
    ),
    afterMs: fc.constantFrom(0, 10, 300, 2_000, 6_000, 40_000),
    roll: fc.double({ min: 0, max: 0.999, noNaN: true }),
  }),
  { maxLength: 60 },
)

const rules: fc.Arbitrary<Rules> = fc.record({
  timing: fc.constant(TIMING),
  hasHealth: fc.boolean(),
  maxAttempts: fc.constantFrom(undefined, 1, 3),
})

it('[P1][P10] keeps what docs/STATES.md calls invariant, whatever happens in whatever order', () => {
  fc.assert(
    fc.property(life, rules, (facts, given) => {
      let state: State = IDLE
      let now = NOW
      let hasSocket = false
      const asked = new Set<PauseReason>()

      function hear(happening: Happening, roll: number): void {
        const before = state
        const next = step(before, { ...happening, now, roll } as Fact, given)
        state = next.state
        if (happening.type === 'socket-closed') hasSocket = false
        if (happening.type === 'pause-asked') asked.add(happening.reason)
        if (happening.type === 'resume-asked') asked.delete(happening.reason)
        for (const { type } of next.effects) {
          if (type === 'open-socket') hasSocket = true
          if (type === 'close-socket') hasSocket = false
          // A health address never closes, opens or pings anything.
          expect(happening.type).not.toBe('health-told')
        }
        expect(hasSocket && ['idle', 'waiting', 'paused', 'stopped'].includes(state.name)).toBe(
          false,
        )
        if (state.name === 'paused') expect(state.reasons.size).toBeGreaterThan(0)
        if (state.name === 'online') expect(['online', 'greeting']).toContain(before.name)
        for (const reason of ['user', 'hidden'] as const) {
          const isHeld = 'reasons' in state && state.reasons.has(reason)
          expect(isHeld).toBe(asked.has(reason))
        }
        const deadline = deadlineOf(state)
        const isRunning = ['waiting', 'opening', 'greeting', 'online'].includes(state.name)
        expect(deadline !== null).toBe(isRunning)
      }

      hear({ type: 'started' }, 0)
      for (const { happening, afterMs, roll } of facts) {
        now += afterMs
        // A socket that is gone says nothing, and the driver hears only the one that it has.
        const isOfSocket = ['socket-opened', 'welcomed', 'socket-closed', 'violated', 'heard']
        if (isOfSocket.includes(happening.type) && !hasSocket) continue
        hear(happening, roll)
      }
    }),
    RUNS,
  )
})

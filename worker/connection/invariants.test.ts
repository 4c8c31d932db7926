import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FACTS, NOW } from '../../testing/connection-specimens.js'
import type { Rules } from './rules.js'
import type { Fact, Happening, Health, PauseReason, State } from './state.js'
import { deadlineOf, IDLE, step } from './step.js'
import { TIMING } from './timing.js'

const RUNS = { seed: 46, numRuns: 200 }
const CODES = [1000, 1006, 1012, 1013, 4001, 4002, 4003, 4009, 4029]

const given = fc.constantFrom<PauseReason>('user', 'hidden', 'unauthorized')
const health = fc.constantFrom<Health>('well', 'ill', 'silent')

const anything = Object.values(FACTS).filter(({ type }) => type !== 'closed-by-us')
/** What brings a line up. */
const onward: readonly Happening[] = [
  FACTS['socket-opened'],
  FACTS.welcomed,
  FACTS['reconnect-asked'],
  FACTS['token-changed'],
  FACTS['deadline-passed'],
]

/** What happens to a line: any fact, after any time, whether it fits or not. */
const life = fc.array(
  fc.record({
    happening: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom<Happening>(...onward) },
      { weight: 3, arbitrary: fc.constantFrom<Happening>(...anything) },
      {
        weight: 1,
        arbitrary: fc
          .constantFrom(...CODES)
          .map((code) => ({ type: 'socket-closed', code }) as const),
      },
      { weight: 1, arbitrary: given.map((reason) => ({ type: 'pause-asked', reason }) as const) },
      { weight: 2, arbitrary: given.map((reason) => ({ type: 'resume-asked', reason }) as const) },
      {
        weight: 1,
        arbitrary: health.map((told) => ({ type: 'health-told', health: told }) as const),
      },
    ),
    afterMs: fc.constantFrom(0, 10, 300, 2_000, 6_000, 40_000),
    roll: fc.double({ min: 0, max: 0.999, noNaN: true }),
  }),
  { minLength: 60, maxLength: 60 },
)

const rules: fc.Arbitrary<Rules> = fc.record({
  timing: fc.constant(TIMING),
  hasHealth: fc.boolean(),
  maxAttempts: fc.constantFrom(undefined, 1, 3),
})

it('[P1][P10][S39][S41][S42][S43] keeps what docs/STATES.md calls invariant, whatever happens in whatever order', () => {
  fc.assert(
    fc.property(life, rules, (facts, own) => {
      let state: State = IDLE
      let now = NOW
      let hasSocket = false
      const asked = new Set<PauseReason>()

      function hear(happening: Happening, roll: number): void {
        const before = state
        const next = step(before, { ...happening, now, roll } as Fact, own)
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

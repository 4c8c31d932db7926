import { describe, expect, it } from 'vitest'
import { createVirtualClock } from '../../testing/virtual-clock.js'
import { createAbsence } from './absence.js'

const LIMIT = 60_000

const NEVER = { pauseHidden: undefined }

function setUp(options: { pauseHidden: number | undefined } = { pauseHidden: LIMIT }) {
  const clock = createVirtualClock()
  const reasons = new Set<string>(['user'])
  const absence = createAbsence({
    clock,
    ...options,
    connection: {
      pause: (reason) => void reasons.add(reason),
      resume: (reason) => void reasons.delete(reason),
    },
  })
  const consider = (tabs: number, visible: number, queued = 0): void =>
    absence.consider({ tabs, visible, queued })
  return { clock, reasons, absence, consider }
}

describe('the absence of people', () => {
  it('[F45][S6] pauses when every tab was hidden for so long, and is over when one is seen', async () => {
    const { clock, reasons, consider } = setUp()
    consider(3, 1)
    await clock.advance(10 * LIMIT)
    expect(reasons).not.toContain('hidden')
    consider(3, 0)
    await clock.advance(LIMIT - 1)
    expect(reasons).not.toContain('hidden')
    await clock.advance(1)
    expect(reasons).toContain('hidden')
    consider(3, 1)
    expect(reasons).not.toContain('hidden')
  })

  it('counts from the moment at which the last one was hidden, whoever comes and goes hidden', async () => {
    const { clock, reasons, consider } = setUp()
    consider(1, 0)
    await clock.advance(LIMIT - 1)
    consider(1, 1)
    consider(1, 0)
    await clock.advance(LIMIT - 1)
    expect(reasons).not.toContain('hidden')
    consider(2, 0)
    consider(1, 0)
    await clock.advance(1)
    expect(reasons).toContain('hidden')
  })

  it('has one timer, however often it is told that nobody looks', async () => {
    const { clock, reasons, consider } = setUp()
    consider(1, 0)
    consider(2, 0)
    consider(3, 0)
    consider(3, 1)
    await clock.advance(LIMIT)
    expect(reasons).not.toContain('hidden')
  })

  it('[P2][S6][S5] lets what is queued go out when the last tab has left', async () => {
    const { clock, reasons, consider } = setUp()
    consider(1, 0)
    await clock.advance(LIMIT)
    expect([...reasons]).toEqual(['user', 'hidden'])
    consider(0, 0)
    expect([...reasons]).toEqual(['user', 'hidden'])
    consider(0, 0, 2)
    expect([...reasons]).toEqual([])
  })

  it('leaves to a person what a person has paused, while there is a tab', () => {
    const { reasons, consider } = setUp()
    consider(1, 1, 5)
    consider(2, 0, 5)
    expect([...reasons]).toEqual(['user'])
  })

  it('does not pause a line that has no tab, nor one whose app does not want it', async () => {
    const { clock, reasons, consider } = setUp()
    consider(1, 0)
    consider(0, 0)
    await clock.advance(10 * LIMIT)
    expect(reasons).not.toContain('hidden')
    const other = setUp(NEVER)
    other.consider(1, 0)
    expect(other.clock.pending).toBe(0)
  })

  it('leaves no timer behind', () => {
    const { clock, absence, consider } = setUp()
    consider(1, 0)
    absence.close()
    expect(clock.pending).toBe(0)
  })
})

import { describe, expect, it } from 'vitest'
import { createVirtualClock, settled } from '../../testing/virtual-clock.js'
import { createHealthDesk } from './health.js'
import type { Health } from './state.js'

const URL = 'https://app.example/health'

function setUp() {
  const clock = createVirtualClock()
  const asked: {
    readonly url: string
    readonly signal: AbortSignal
    answer(status: number): void
    fail(): void
  }[] = []
  const desk = createHealthDesk({
    clock,
    url: URL,
    fetchStatus: (url, signal) =>
      new Promise((answer, reject) => {
        asked.push({ url, signal, answer, fail: () => reject(new TypeError('Failed to fetch')) })
      }),
  })
  return { clock, asked, desk }
}

describe('the question to the health address', () => {
  const answers: [status: number, health: Health][] = [
    [200, 'well'],
    [204, 'well'],
    [404, 'ill'],
    [503, 'ill'],
    [0, 'ill'],
  ]
  for (const [status, health] of answers) {
    it(`[S33] takes ${status} for ${health}`, async () => {
      const { asked, desk, clock } = setUp()
      const told = desk.ask()
      expect(asked[0]?.url).toBe(URL)
      asked[0]?.answer(status)
      expect(await told).toBe(health)
      expect(clock.pending).toBe(0)
    })
  }

  it('[S33] takes what it may not read, and what does not answer, for silence', async () => {
    const { asked, desk } = setUp()
    const told = desk.ask()
    asked[0]?.fail()
    expect(await told).toBe('silent')
  })

  it('[P14][S32] gives up in time, also where an aborted request never settles', async () => {
    const { clock, asked, desk } = setUp()
    const told = desk.ask()
    await clock.advance(5_000)
    expect(await told).toBe('silent')
    expect(asked[0]?.signal.aborted).toBe(true)
    void desk.ask()
    expect(asked).toHaveLength(2)
  })

  it('[P11][S32] is asked once by all who ask meanwhile', async () => {
    const { asked, desk } = setUp()
    const told = Promise.all([desk.ask(), desk.ask(), desk.ask()])
    expect(asked).toHaveLength(1)
    asked[0]?.answer(200)
    expect(await told).toEqual(['well', 'well', 'well'])
    void desk.ask()
    expect(asked).toHaveLength(2)
  })

  it('leaves no timer and no request behind', async () => {
    const { clock, asked, desk } = setUp()
    desk.close()
    void desk.ask()
    desk.close()
    await settled()
    expect(clock.pending).toBe(0)
    expect(asked[0]?.signal.aborted).toBe(true)
  })
})

import { expect, it } from 'vitest'
import { createVirtualClock } from '../testing/virtual-clock.js'
import { createPace } from './pace.js'

it('runs at once, then the newest of each pause, and keeps nothing of a quiet name', async () => {
  const clock = createVirtualClock()
  const log: [number, string][] = []
  const pace = createPace<string>(clock, 50)
  const begun = clock.now()
  const say = (name: string, what: string): void =>
    pace.call(name, () => log.push([clock.now() - begun, what]))
  for (let i = 0; i < 10; i++) {
    say('a', `a${i}`)
    await clock.advance(10)
  }
  say('b', 'b')
  await clock.advance(100)
  expect(log).toEqual([
    [0, 'a0'],
    [50, 'a4'],
    [100, 'a9'],
    [100, 'b'],
  ])
  expect(clock.pending).toBe(0)
  say('a', 'again')
  say('a', 'never')
  pace.close()
  await clock.advance(100)
  expect(log.slice(4)).toEqual([[200, 'again']])
})

/** Whom the broker asks for a token, and how long it waits for each. */
import { expect, it } from 'vitest'
import { createVirtualClock, settled } from '../../testing/virtual-clock.js'
import type { Tab } from './tab.js'
import { createTokenDesk } from './token.js'

function setUp(...answers: (() => Promise<string | undefined>)[]) {
  const clock = createVirtualClock()
  const asked: number[] = []
  const tabs = answers.map((answer, id) => ({
    token() {
      asked.push(id)
      return answer()
    },
  })) as unknown as Tab[]
  return { clock, asked, token: createTokenDesk(clock, () => tabs) }
}

const silent = () => new Promise<string>(() => {})

it('[P12] frozen tabs cost their time once: from then on they are asked last', async () => {
  const { clock, asked, token } = setUp(async () => 'secret', silent, silent)
  const first = token()
  await clock.advance(10_000)
  expect(await first).toBe('secret')
  expect(asked).toEqual([2, 1, 0])
  // No longer than a connection waits for its hello.
  expect(await token()).toBe('secret')
  expect(asked).toEqual([2, 1, 0, 0])
})

it('[P12] a tab that answers after all is one like the others again', async () => {
  let answer = (_: string): void => {}
  const late = () => new Promise<string>((resolve) => (answer = resolve))
  const { clock, asked, token } = setUp(async () => 'old', late)
  void token()
  await clock.advance(5_000)
  answer('too late')
  await settled()
  void token()
  await settled()
  expect(asked).toEqual([1, 0, 1])
})

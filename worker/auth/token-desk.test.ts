/** Whom the broker asks for a token, in which order, and how long it waits for each. */
import { expect, it } from 'vitest'
import { createVirtualClock, settled } from '../../testing/virtual-clock.js'
import { createTokenDesk } from './token-desk.js'
import type { TokenSource } from './token-question.js'

type Answer = TokenSource['token']

const says =
  (token: string): Answer =>
  async () =>
    token
const none: Answer = async () => undefined
const fails: Answer = async () => null
const silent: Answer = () => new Promise(() => {})

/** Answers when the test says so. */
function slow() {
  const state = { answer: (_: string): void => {} }
  const token: Answer = () => new Promise((resolve) => (state.answer = resolve))
  return { token, answer: (token: string) => state.answer(token) }
}

interface Cast {
  readonly token: Answer
  readonly isVisible?: boolean
  readonly hasAuth?: boolean
}

/** Tabs by their names, in the order of their coming. */
function setUp(cast: Readonly<Record<string, Answer | Cast>>, worker?: Answer) {
  const clock = createVirtualClock()
  const asked: string[] = []
  const heard = (name: string, token: Answer) => (): ReturnType<Answer> => {
    asked.push(name)
    return token()
  }
  const open = ([name, given]: [string, Answer | Cast]) => {
    const { token, ...more } = typeof given === 'function' ? { token: given } : given
    return { hasAuth: true, isVisible: false, ...more, token: heard(name, token) }
  }
  const tabs = Object.entries(cast).map(open)
  const own = worker && { token: heard('worker', worker) }
  const desk = createTokenDesk({ clock, tabs: () => tabs, own: () => own })
  const come = (name: string, given: Answer | Cast) => void tabs.push(open([name, given]))
  return { clock, asked, desk, come }
}

it('[F43] [S51] [G71] all who ask while an answer is awaited get that one', async () => {
  const late = slow()
  const { desk, asked } = setUp({ a: late.token })
  const both = [desk.ask(), desk.ask()]
  late.answer('secret')
  expect(await Promise.all(both)).toEqual(['secret', 'secret'])
  expect(asked).toEqual(['a'])
})

it('[S50] a visible tab is asked first, of several the latest comer, and the worker itself last', async () => {
  const visible = { token: none, isVisible: true }
  const { desk, asked } = setUp({ a: visible, b: none, c: visible, d: none }, says('own'))
  expect(await desk.ask()).toBe('own')
  expect(asked).toEqual(['c', 'a', 'd', 'b', 'worker'])
})

it('[S50] a tab without an `auth` is not asked', async () => {
  const { desk, asked } = setUp({ a: says('secret'), b: { token: silent, hasAuth: false } })
  expect(await desk.ask()).toBe('secret')
  expect(asked).toEqual(['a'])
})

it('[P12] [S50] [S52] two frozen tabs leave the third time for its answer, before a hello has to go', async () => {
  const { clock, desk, asked } = setUp({ a: says('secret'), b: silent, c: silent })
  const first = desk.ask()
  await clock.advance(5_000)
  expect(await first).toBe('secret')
  expect(asked).toEqual(['c', 'b', 'a'])
  // From then on they are asked last.
  expect(await desk.ask()).toBe('secret')
  expect(asked).toEqual(['c', 'b', 'a', 'a'])
  expect(clock.pending).toBe(0)
})

it('[P12] a tab that answers after all is one like the others again', async () => {
  const late = slow()
  const { clock, desk, asked } = setUp({ a: says('old'), b: late.token })
  void desk.ask()
  await clock.advance(2_500)
  late.answer('too late')
  await settled()
  void desk.ask()
  await settled()
  expect(asked).toEqual(['b', 'a', 'b'])
})

it('[S52] one that is slow may still be the first with a token', async () => {
  const late = slow()
  const { clock, desk } = setUp({ a: silent, b: late.token })
  const asking = desk.ask()
  await clock.advance(20_000)
  late.answer('slow')
  expect(await asking).toBe('slow')
})

it('[S53] a late answer does not win over a newer token', async () => {
  const [prompt, late] = [slow(), slow()]
  const { clock, desk } = setUp({ a: prompt.token, b: late.token })
  const first = desk.ask()
  await clock.advance(2_500)
  prompt.answer('newer')
  expect(await first).toBe('newer')
  const second = desk.ask()
  late.answer('older')
  await settled()
  prompt.answer('newest')
  expect(await second).toBe('newest')
})

it('[S55] a token that the wire cannot carry is none', async () => {
  const { desk } = setUp({ a: says('fits'), b: says('x'.repeat(16_385)) })
  expect(await desk.ask()).toBe('fits')
})

it('[S54] [S55] says whether there is none, or nobody could say', async () => {
  expect(await setUp({ a: none, b: none }).desk.ask()).toBeUndefined()
  expect(await setUp({ a: none, b: fails }).desk.ask()).toBeNull()
  expect(await setUp({}).desk.ask()).toBeNull()
  const { clock, desk } = setUp({ a: silent, b: none })
  const asking = desk.ask()
  await clock.advance(30_000)
  expect(await asking).toBeNull()
  expect(clock.pending).toBe(0)
})

it('[S52] asks the next one at once when one fails', async () => {
  const { desk, asked } = setUp({ a: says('secret'), b: fails })
  expect(await desk.ask()).toBe('secret')
  expect(asked).toEqual(['b', 'a'])
})

it('[P12] a tab that comes while all others are silent is asked at once', async () => {
  const { clock, desk, asked, come } = setUp({ a: silent })
  const asking = desk.ask()
  await clock.advance(2_500)
  come('b', says('secret'))
  void desk.ask()
  expect(await asking).toBe('secret')
  expect(asked).toEqual(['a', 'b'])
})

it('[P13] [F24] [S54] what was asked before a sign-out is not heard after it', async () => {
  const late = slow()
  const { clock, desk, asked } = setUp({ a: late.token })
  const before = desk.ask()
  desk.forget()
  expect(await before).toBeNull()
  const answerOld = late.answer
  const after = desk.ask()
  expect(asked).toEqual(['a', 'a'])
  answerOld('of the new one')
  expect(await after).toBe('of the new one')
  expect(clock.pending).toBe(0)
})

it('[P13] tokens are needed once a tab has them, until its stay is over', () => {
  const { desk } = setUp({})
  expect(desk.isNeeded).toBe(false)
  desk.expect()
  expect(desk.isNeeded).toBe(true)
  desk.forget()
  expect(desk.isNeeded).toBe(false)
  expect(setUp({}, none).desk.isNeeded).toBe(true)
})

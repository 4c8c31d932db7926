/** How a line comes by its token, and when it shows the server another one. */
import { describe, expect, it } from 'vitest'
import type { TokenReply } from '../../protocol/port.js'
import { createVirtualClock, settled } from '../../testing/virtual-clock.js'
import { TIMING } from '../connection/timing.js'
import { createLineToken } from './line-token.js'

/** What the question for a token is answered with, time after time; the last one again and again. */
function setUp(...replies: (TokenReply | Promise<TokenReply>)[]) {
  const clock = createVirtualClock()
  const shown: string[] = []
  const asked: number[] = []
  const state = { isNeeded: true }
  const began = clock.now()
  const token = createLineToken({
    clock,
    random: () => 1,
    timing: TIMING,
    tokens: {
      get isNeeded() {
        return state.isNeeded
      },
      async ask() {
        asked.push(clock.now() - began)
        return replies.length > 1 ? replies.shift() : replies[0]
      },
    },
    show: (fresh) => shown.push(fresh),
  })
  return { clock, token, shown, asked, state }
}

const never = new Promise<TokenReply>(() => {})

describe('a hello', () => {
  it('[S45] brings the token that is to be had', async () => {
    const { token, clock } = setUp('secret')
    expect(await token.forHello()).toEqual({ auth: 'secret' })
    expect(clock.pending).toBe(0)
  })

  it('[S55] goes without one where the app says that there is none', async () => {
    expect(await setUp(undefined).token.forHello()).toEqual({})
  })

  it('asks nobody where cookies say who we are', async () => {
    const { token, state, asked } = setUp('secret')
    state.isNeeded = false
    expect(await token.forHello()).toEqual({})
    expect(asked).toEqual([])
  })

  it('[P13][S45] does not go when nobody could say', async () => {
    expect(await setUp(null).token.forHello()).toBeUndefined()
  })

  it('[S55][G72] brings the last one that is known, where no tab answers any more', async () => {
    for (const later of [null, undefined]) {
      const { token } = setUp('known', later)
      await token.forHello()
      expect(await token.forHello()).toEqual({ auth: 'known' })
    }
  })

  it('[P2][S55] goes without one where the last word was that there is none, and no tab lives', async () => {
    const { token } = setUp(undefined, null)
    await token.forHello()
    expect(await token.forHello()).toEqual({})
  })

  it('[P12][S45] does not wait longer than the server does', async () => {
    const { token, clock } = setUp('known', never)
    await token.forHello()
    const late = token.forHello()
    await clock.advance(8_000)
    expect(await late).toEqual({ auth: 'known' })
  })
})

describe('after a refusal', () => {
  it('[S7][S46] a token that differs is worth a try, the same one and none are not', async () => {
    for (const [fresh, isNew] of [
      ['other', true],
      ['bad', false],
      [undefined, false],
    ] as const) {
      const { token } = setUp('bad', fresh)
      await token.forHello()
      expect(await token.renewed('refusal')).toBe(isNew)
    }
  })

  it('[P12][S173] the word that there is none is worth a try, where nobody could say before', async () => {
    const { token } = setUp(null, null, undefined)
    expect(await token.forHello()).toBeUndefined()
    const renewed = token.renewed('refusal')
    await settled()
    token.close()
    expect(await renewed).toBe(false)
    expect(await token.renewed('somebody')).toBe(true)
    expect(await token.forHello()).toEqual({})
    expect(await token.renewed('refusal')).toBe(false)
  })

  it('[F43][S46] the token that was found is for the next hello: nobody is asked for it twice', async () => {
    const { token, asked } = setUp('bad', 'good', 'another')
    await token.forHello()
    await token.renewed('refusal')
    expect(await token.forHello()).toEqual({ auth: 'good' })
    expect(asked).toHaveLength(2)
    expect(await token.forHello()).toEqual({ auth: 'another' })
  })

  it('a token that was found for nothing is not kept for later', async () => {
    const { token } = setUp('old', 'found', 'newer')
    await token.forHello()
    await token.renewed('somebody')
    token.accepted()
    expect(await token.forHello()).toEqual({ auth: 'newer' })
  })

  it('[S46] asks again, ever later, while nobody can say', async () => {
    const { token, clock, asked } = setUp(null, null, null, 'good')
    const renewed = token.renewed('refusal')
    await clock.advance(7_000)
    expect(await renewed).toBe(true)
    expect(asked).toEqual([0, 1_000, 3_000, 7_000])
  })

  it('[S49] asks at once when somebody comes, and no longer for who came before', async () => {
    const { token, clock, asked } = setUp(null, null, 'good')
    const first = token.renewed('refusal')
    await settled()
    const second = token.renewed('somebody')
    expect(await first).toBe(false)
    await clock.advance(1_000)
    expect(await second).toBe(true)
    expect(asked).toEqual([0, 0, 1_000])
  })

  it('[S7][S49] tries the cookies once more when somebody comes, and not by itself', async () => {
    const { token, state } = setUp(null)
    state.isNeeded = false
    expect(await token.renewed('refusal')).toBe(false)
    expect(await token.renewed('somebody')).toBe(true)
  })

  it('[S49] tries cookies that were good, once: they may have been renewed meanwhile', async () => {
    const { token, state } = setUp(null)
    state.isNeeded = false
    token.accepted()
    expect(await token.renewed('refusal')).toBe(true)
    expect(await token.renewed('refusal')).toBe(false)
  })

  it('[P12] leaves nothing behind when the line is closed', async () => {
    const { token, clock } = setUp(null)
    const renewed = token.renewed('refusal')
    await settled()
    token.close()
    expect(await renewed).toBe(false)
    expect(clock.pending).toBe(0)
  })
})

describe('on the connection', () => {
  it('shows the server a token that it has not seen', async () => {
    const { token, shown } = setUp('old', 'new')
    await token.forHello()
    await token.refresh(30_000)
    expect(shown).toEqual(['new'])
  })

  it('[S47] does not show the same one again, and asks until the time is over', async () => {
    const { token, clock, shown, asked } = setUp('old')
    await token.forHello()
    const refreshed = token.refresh(10_000)
    await clock.advance(30_000)
    await refreshed
    expect(shown).toEqual([])
    expect(asked).toEqual([0, 0, 1_000, 3_000, 7_000])
  })

  it('[S47] shows one that comes before the time is over', async () => {
    const { token, clock, shown } = setUp('old', 'old', null, 'new')
    await token.forHello()
    const refreshed = token.refresh(30_000)
    await clock.advance(3_000)
    await refreshed
    expect(shown).toEqual(['new'])
    expect(clock.pending).toBe(0)
  })

  it('[S48] asks once for an operation that needs a fresher one: the server says when again', async () => {
    const { token, clock, shown, asked } = setUp('old')
    await token.forHello()
    await token.refresh()
    expect([shown, asked, clock.pending]).toEqual([[], [0, 0], 0])
  })

  it('shows one token once, however many want it', async () => {
    const { token, shown } = setUp('old', 'new')
    await token.forHello()
    await Promise.all([token.refresh(), token.refresh(30_000), token.refresh()])
    expect(shown).toEqual(['new'])
  })

  it('asks no more for a connection that is gone', async () => {
    const { token, clock, asked } = setUp('old')
    await token.forHello()
    const refreshed = token.refresh(30_000)
    await settled()
    token.lost()
    await refreshed
    expect([asked, clock.pending]).toEqual([[0, 0], 0])
  })

  it('[P12] asks no more, and shows nothing, when the connection went while it asked', async () => {
    for (const answer of ['old', 'new']) {
      let say = (_: TokenReply): void => {}
      const asking = new Promise<TokenReply>((resolve) => {
        say = resolve
      })
      const { token, clock, asked, shown } = setUp('old', asking, 'new')
      await token.forHello()
      const refreshed = token.refresh(30_000)
      await settled()
      token.lost()
      say(answer)
      await refreshed
      expect([asked, shown, clock.pending]).toEqual([[0, 0], [], 0])
    }
  })
})

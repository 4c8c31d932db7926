import { describe, expect, test } from 'vitest'
import type { Authenticate, Authorize, Operation } from '../operations/operations.js'
import { Unauthorized } from '../unauthorized.js'
import { settled } from '../virtual-environment.js'
import { op, type StageOptions } from './stage.js'
import { answers, useStage } from './use-stage.js'

const { play, board } = useStage()

/** Tokens are `name-age`; what wants a fresh one wants the age 0. */
const authenticate: Authenticate = (token = '') => {
  const [identity = '', age] = token.split('-')
  return identity ? { identity, claims: { age: Number(age) } } : undefined
}
const isFresh = (claims: unknown): boolean => (claims as { age: number }).age === 0
const wantsFresh: Authorize = ({ action, claims }) => {
  if (action === 'subscribe' || isFresh(claims)) return true
  throw new Unauthorized('sign in again')
}
const pay: Operation = (_, { claims }) => {
  if (!isFresh(claims)) throw new Unauthorized()
  return { publish: [{ channel: 'board', payload: 'paid' }], result: claims }
}
const BEHIND = { verdict: 'retry', code: 'not-now', after: 0 }

describe('the verdict auth', () => {
  test.each<[string, StageOptions, object]>([
    ['authorize of a publish', { authorize: wantsFresh }, {}],
    ['an authorize that takes its time', { authorize: async (asked) => wantsFresh(asked) }, {}],
    ['authorize of an operation', { authorize: wantsFresh, operations: { pay } }, { type: 'pay' }],
    ['an operation', { operations: { pay } }, { type: 'pay' }],
    ['an async operation', { operations: { pay: async (...all) => pay(...all) } }, { type: 'pay' }],
  ])('[P4] %s asks for a fresher token, and nothing overtakes', async (_, app, changes) => {
    const { enter, switchboard } = await play({ authenticate, ...app })
    const ann = await enter({ auth: 'ann-9' })
    await ann.say(op(1, changes), op(2, changes), op(3, { type: 'nonsense' }))
    expect(ann.socket.bodies('nack')).toMatchObject([
      { seq: 1, verdict: 'auth', code: 'auth' },
      { seq: 2, ...BEHIND },
      { seq: 3, ...BEHIND },
    ])
    expect(ann.socket.bodies('nack')[0]).not.toHaveProperty('after')
    await ann.say(op(4, changes))
    expect(answers(ann).at(-1)).toEqual(['not-now', 4])
    expect(await board()).toEqual([])
    // The same message brings the token and what waits for it.
    await ann.say(['auth', { token: 'ann-0' }], op(1, changes), op(2, changes))
    expect(answers(ann).at(-1)).toEqual(['ack', 2])
    expect(await board()).toHaveLength(2)
    expect(switchboard.stats()).toMatchObject({ unauthorized: 1, retried: 3 })
    expect(ann.socket.end).toBeUndefined()
  })

  test('holds no other lane, and is no error of the app', async () => {
    const said: string[] = []
    const { enter } = await play({
      authenticate,
      operations: { pay },
      logger: (level, event) => void (level === 'error' && said.push(event)),
    })
    const ann = await enter({ auth: 'ann-9' })
    await ann.say(op(1, { type: 'pay' }), op(1, { lane: 'other' }))
    expect(answers(ann)).toEqual([
      ['ack', 1],
      ['auth', 1],
    ])
    expect(said).toEqual([])
  })

  test('[P11] asks for more patience when the new token is not fresh enough either', async () => {
    const { enter } = await play({ authenticate, operations: { pay } })
    const ann = await enter({ auth: 'ann-9' })
    for (const age of [8, 7, 6, 5]) {
      await ann.say(['auth', { token: `ann-${age}` }], op(1, { type: 'pay' }))
    }
    const waits = ann.socket.bodies('nack').map(({ after }) => after)
    expect(waits).toEqual([undefined, 1_000, 2_000, 4_000])
    await ann.say(op(2))
    expect(ann.socket.bodies('nack').at(-1)).toMatchObject({ verdict: 'retry', after: 4_000 })
  })

  test('the app may say from when on a new token helps, and why it is needed', async () => {
    const later: Operation = () => {
      throw new Unauthorized('the door opens at noon', { after: 5_000 })
    }
    const { enter } = await play({ operations: { later } })
    const ann = await enter()
    await ann.say(op(1, { type: 'later' }), op(2))
    expect(ann.socket.bodies('nack')).toMatchObject([
      { seq: 1, verdict: 'auth', after: 5_000, why: 'the door opens at noon' },
      { seq: 2, verdict: 'retry', after: 5_000 },
    ])
    expect(() => new Unauthorized('no', { after: Number.NaN })).toThrow('after')
  })

  test('[P3] [P5] needs no token for what took effect before, nor for a tombstone', async () => {
    const { enter } = await play({ authenticate, operations: { pay } })
    const first = await enter({ auth: 'ann-0' })
    await first.say(op(1, { type: 'pay' }))
    const second = await enter({ auth: 'ann-9' })
    await second.say(op(1, { type: 'pay' }), op(2, { type: 'pay' }))
    await second.say(op(2, { type: 'pay', withdrawn: true }), op(3))
    expect(answers(second)).toEqual([
      ['ack', 1],
      ['auth', 2],
      ['withdrawn', 2],
      ['ack', 3],
    ])
  })
})

describe('a new token', () => {
  test('[P13] nothing that came behind a refused one takes effect', async () => {
    let decide = (_: undefined) => {}
    const { enter, switchboard } = await play({
      authenticate: (token) =>
        token === 'ann-9'
          ? authenticate(token, { url: '', headers: {} })
          : new Promise((resolve) => {
              decide = resolve
            }),
    })
    const ann = await enter({ auth: 'ann-9' })
    await ann.say(op(1), ['auth', { token: 'bob-0' }], op(2), op(1, { lane: 'other' }))
    expect(answers(ann)).toEqual([['ack', 1]])
    decide(undefined)
    await settled()
    expect(ann.socket.end?.[0]).toBe(4001)
    expect(switchboard.stats().ops).toBe(1)
    expect(await board()).toEqual(['1'])
  })

  test('is not replaced by an older one that was looked at for longer', async () => {
    let finish = () => {}
    const slow = new Promise<void>((resolve) => {
      finish = resolve
    })
    const { enter } = await play({
      operations: { pay },
      async authenticate(token, request) {
        if (token === 'ann-8') await slow
        return authenticate(token, request)
      },
    })
    const ann = await enter({ auth: 'ann-9' })
    await ann.say(['auth', { token: 'ann-8' }], ['auth', { token: 'ann-0' }])
    finish()
    await settled()
    await ann.say(op(1, { type: 'pay' }))
    expect(answers(ann)).toEqual([['ack', 1]])
  })

  test('subscriptions behind it are judged with it', async () => {
    const { enter } = await play({
      authenticate: async (token, request) => authenticate(token, request),
      authorize: ({ claims }) => isFresh(claims),
    })
    const ann = await enter({ auth: 'ann-9', channels: [{ channel: 'board' }] })
    expect(ann.socket.bodies('welcome')[0]?.channels[0]?.state).toBe('denied')
    await ann.say(['auth', { token: 'ann-0' }], ['subscribe', { channel: 'board' }])
    expect(ann.socket.bodies('subscribed')).toMatchObject([{ state: 'ok' }])
  })

  test('a subscription that needs a fresher one ends in 4001, not in a denial', async () => {
    const authorize: Authorize = ({ claims }) => {
      if (!isFresh(claims)) throw new Unauthorized('sign in again')
      return true
    }
    const { enter } = await play({ authenticate, authorize })
    const stale = await enter({ auth: 'ann-9', channels: [{ channel: 'board' }] })
    expect(stale.socket.bodies('bye')).toMatchObject([{ code: 4001, why: 'sign in again' }])
    const late = await enter({ auth: 'ann-9' })
    await late.say(['subscribe', { channel: 'board' }])
    expect(late.socket.end?.[0]).toBe(4001)
    const fresh = await enter({ auth: 'ann-0', channels: [{ channel: 'board' }] })
    expect(fresh.socket.bodies('welcome')).toHaveLength(1)
  })

  test('[P12] an authenticate that never answers ends in "try later"', async () => {
    const { enter, clock } = await play({
      authenticate: () => new Promise(() => undefined),
      limits: { appMs: 5_000 },
    })
    const ann = await enter({ auth: 'ann-9' })
    await clock.advance(4_999)
    expect(ann.socket.end).toBeUndefined()
    await clock.advance(1)
    expect(ann.socket.bodies('bye')).toMatchObject([{ code: 1013 }])
    expect(clock.timers).toBe(0)
  })
})

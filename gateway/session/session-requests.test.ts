import { describe, expect, expectTypeOf, test } from 'vitest'
import type { UpBody, UpFrame } from '../../protocol/wire/frames-up.js'
import { createGateway } from '../create-gateway.js'
import { openSqliteLog } from '../log/sqlite-log.js'
import type { Authorize } from '../operations/operations.js'
import type { RequestContext, Responder } from '../operations/requests.js'
import { Refusal } from '../refusal.js'
import { Unauthorized } from '../unauthorized.js'
import { settled } from '../virtual-environment.js'
import { useStage } from './use-stage.js'

const { play } = useStage()

const request = (id: number, type: string, changes: Partial<UpBody<'request'>> = {}): UpFrame => [
  'request',
  { id, type, ...changes },
]

/** Answers when it is told to, and remembers whether it was called off. */
function patientResponder() {
  const calls: { readonly signal: AbortSignal; finish(result?: unknown): void }[] = []
  const wait: Responder = (_, { signal }) =>
    new Promise((finish) => {
      calls.push({ signal, finish })
    })
  return { wait, calls, aborted: () => calls.map(({ signal }) => signal.aborted) }
}

describe('a request', () => {
  test('is answered with what the app returns, and with who asks', async () => {
    const seen: [unknown, Omit<RequestContext, 'signal'>][] = []
    const requests: Record<string, Responder> = {
      list: (payload, { signal, ...context }) => {
        expect(signal.aborted).toBe(false)
        seen.push([payload, context])
        return [1, 2]
      },
      nothing: async () => undefined,
    }
    const { enter, switchboard } = await play({
      requests,
      authenticate: (token) => ({ identity: token ?? '', claims: { role: 'admin' } }),
    })
    const ann = await enter({ auth: 'ann' })
    await ann.say(
      request(4, 'list', { payload: '{"a":1}', channel: 'board' }),
      request(4_000, 'nothing'),
    )
    expect(ann.socket.bodies('response')).toEqual([{ id: 4, result: '[1,2]' }, { id: 4_000 }])
    expect(seen).toEqual([
      [
        { a: 1 },
        {
          type: 'list',
          identity: 'ann',
          claims: { role: 'admin' },
          client: 'ann',
          channel: 'board',
        },
      ],
    ])
    expect(switchboard.stats()).toMatchObject({ requests: 2, requestErrors: 0 })
  })

  test('that fails tells a code that its author chose, or nothing of what happened', async () => {
    const told: unknown[] = []
    const failing = (error: unknown) => async () => {
      throw error
    }
    const { enter, switchboard } = await play({
      logger: (level, event, facts) => {
        if (level === 'error') told.push([event, facts.type])
      },
      limits: { payload: 50, message: 10_000, response: 20 },
      requests: {
        refused: failing(new Refusal('gone', 'no such board')),
        bare: failing(new Refusal('gone')),
        stale: failing(new Unauthorized('sign in again')),
        broken: failing(new Error('password of the database: 1234')),
        odd: () => () => undefined,
        long: () => 'x'.repeat(19),
        fine: () => 1,
      },
    })
    const ann = await enter()
    await ann.say(
      request(1, 'refused'),
      request(2, 'bare'),
      request(3, 'stale'),
      request(4, 'broken'),
      request(5, 'odd'),
      request(6, 'long'),
      request(7, 'fine', { payload: '{' }),
      request(8, 'fine', { payload: `"${'x'.repeat(49)}"` }),
      request(9, 'toString'),
      request(10, 'fine', { channel: 'a\ud800' }),
      request(11, 'fine'),
    )
    const errors = ann.socket
      .bodies('response')
      .sort((a, b) => a.id - b.id)
      .map(({ error, result }) => error ?? result)
    expect(errors).toEqual([
      { code: 'gone', why: 'no such board' },
      { code: 'gone' },
      { code: 'auth', why: 'sign in again' },
      { code: 'failed' },
      { code: 'not-json', why: 'JSON cannot carry a function' },
      { code: 'too-large', why: '21 characters of JSON exceed 20' },
      { code: 'bad-payload', why: 'not JSON' },
      { code: 'too-large', why: '51 characters exceed 50' },
      { code: 'unknown-type', why: 'toString' },
      { code: 'bad-channel', why: 'no log can keep this name' },
      '1',
    ])
    expect(told).toEqual([['request-failed', 'broken']])
    expect(switchboard.stats()).toMatchObject({ requests: 11, requestErrors: 10 })
    expect(ann.socket.end).toBeUndefined()
  })

  test('[P13] is asked for with its type; a token that came before it counts', async () => {
    const asked: unknown[] = []
    const authorize: Authorize = (question) => {
      asked.push(question)
      if (question.claims === 'old') throw new Unauthorized()
      return question.action === 'request' && question.type !== 'secret'
    }
    const { enter } = await play({
      authorize,
      authenticate: async (token) => ({ identity: 'ann', claims: token }),
      requests: { secret: () => 1, open: (_, { claims }) => claims },
    })
    const ann = await enter({ auth: 'old' })
    await ann.say(request(1, 'open'))
    await ann.say(['auth', { token: 'new' }], request(2, 'open'), request(3, 'secret'))
    expect(ann.socket.bodies('response').sort((a, b) => a.id - b.id)).toEqual([
      { id: 1, error: { code: 'auth' } },
      { id: 2, result: '"new"' },
      { id: 3, error: { code: 'denied' } },
    ])
    expect(asked[0]).toEqual({
      action: 'request',
      type: 'open',
      channel: undefined,
      identity: 'ann',
      claims: 'old',
    })
  })

  test('[P12] that takes too long is told so, by its own time or by ours', async () => {
    const { wait, calls, aborted } = patientResponder()
    const { enter, clock } = await play({ requests: { wait }, limits: { appMs: 5_000 } })
    const ann = await enter()
    await ann.say(request(1, 'wait', { timeout: 1_000 }), request(2, 'wait', { timeout: 60_000 }))
    await clock.advance(999)
    expect(ann.socket.bodies('response')).toEqual([])
    await clock.advance(1)
    expect([ann.socket.bodies('response').length, aborted()]).toEqual([1, [true, false]])
    await clock.advance(4_000)
    for (const { finish } of calls) finish('late')
    await settled()
    expect(ann.socket.bodies('response')).toEqual([
      { id: 1, error: { code: 'timeout' } },
      { id: 2, error: { code: 'timeout' } },
    ])
    expect(aborted()).toEqual([true, true])
  })

  test('[P12] that an authorize never decides is told so too', async () => {
    const { enter, clock } = await play({
      requests: { list: () => 1 },
      authorize: () => new Promise(() => undefined),
    })
    const ann = await enter()
    await ann.say(request(1, 'list'))
    await clock.advance(30_000)
    expect(ann.socket.bodies('response')).toEqual([{ id: 1, error: { code: 'timeout' } }])
  })

  test('[P12] that is cancelled is called off and never answered; to cancel nothing does nothing', async () => {
    const { wait, calls, aborted } = patientResponder()
    const { enter, clock } = await play({ requests: { wait } })
    const ann = await enter()
    await ann.say(request(1, 'wait', { timeout: 1_000 }), request(2, 'wait'))
    await ann.say(['cancel', { id: 1 }], ['cancel', { id: 1 }], ['cancel', { id: 99 }])
    expect(aborted()).toEqual([true, false])
    for (const { finish } of calls) finish(1)
    await clock.advance(2_000)
    await ann.say(['cancel', { id: 2 }])
    expect(ann.socket.bodies('response')).toEqual([{ id: 2, result: '1' }])
    // An id may be used again once nobody waits under it.
    await ann.say(request(1, 'wait'))
    expect(ann.socket.end).toBeUndefined()
  })

  test('that is cancelled while the app is asked whether it may does not begin', async () => {
    const { wait, calls } = patientResponder()
    let may = (_: boolean) => {}
    const { enter } = await play({
      requests: { wait },
      authorize: () =>
        new Promise((resolve) => {
          may = resolve
        }),
    })
    const ann = await enter()
    await ann.say(request(1, 'wait'), ['cancel', { id: 1 }])
    may(true)
    await settled()
    expect([calls.length, ann.socket.bodies('response')]).toEqual([0, []])
  })

  test('[P12] is called off with its connection, and answered on no other', async () => {
    const { wait, calls, aborted } = patientResponder()
    const { enter, clock } = await play({ requests: { wait }, limits: { sessionMs: 1 } })
    const ann = await enter()
    await ann.say(request(1, 'wait', { timeout: 1_000 }))
    const again = await enter()
    expect(ann.socket.end?.[0]).toBe(4009)
    expect(aborted()).toEqual([true])
    calls[0]?.finish(1)
    await settled()
    expect(again.socket.bodies('response')).toEqual([])
    await again.cut()
    await clock.advance(30_000)
    expect(clock.timers).toBe(0)
  })

  test('[F46] under the id of one that is not answered yet is a violation', async () => {
    const { wait } = patientResponder()
    const { enter } = await play({ requests: { wait } })
    const ann = await enter()
    await ann.say(request(1, 'wait'), request(1, 'wait'))
    expect(ann.socket.end?.[0]).toBe(1002)
  })

  test('[P14][G92] beyond the limit is told so; what was given up counts while the app is at it', async () => {
    const { wait, calls } = patientResponder()
    const { enter } = await play({ requests: { wait }, limits: { requests: 2 } })
    const ann = await enter()
    await ann.say(request(1, 'wait'), request(2, 'wait'), request(3, 'wait'))
    expect(ann.socket.bodies('response')).toEqual([{ id: 3, error: { code: 'too-many' } }])
    await ann.say(['cancel', { id: 1 }], request(4, 'wait'))
    expect(ann.socket.bodies('response').at(-1)).toEqual({ id: 4, error: { code: 'too-many' } })
    calls[0]?.finish()
    await settled()
    await ann.say(request(5, 'wait'))
    expect(calls).toHaveLength(3)
    const bob = await enter({ client: 'bob' as never })
    await bob.say(request(1, 'wait'))
    expect(calls).toHaveLength(4)
  })

  test('[P14] is given up by a deaf app in time: its place is free again', async () => {
    const { wait } = patientResponder()
    const { enter, clock } = await play({
      requests: { wait },
      limits: { requests: 1, appMs: 1_000 },
    })
    const ann = await enter()
    await ann.say(request(1, 'wait', { timeout: 10 }))
    await clock.advance(10)
    await ann.say(request(2, 'wait'))
    await clock.advance(990)
    await ann.say(request(3, 'wait'))
    await clock.advance(1_000)
    expect(ann.socket.bodies('response').map(({ error }) => error?.code)).toEqual([
      'timeout',
      'too-many',
      'timeout',
    ])
  })

  test('has the types of what authenticate says', async () => {
    const log = await openSqliteLog({ file: ':memory:' })
    const gateway = createGateway({
      log,
      authenticate: (token) => (token ? { identity: token, claims: { since: 1 } } : undefined),
      requests: {
        who: (payload, { claims, signal, channel }) => {
          expectTypeOf(payload).toEqualTypeOf<unknown>()
          expectTypeOf(claims).toEqualTypeOf<{ since: number } | undefined>()
          expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
          expectTypeOf(channel).toEqualTypeOf<string | undefined>()
          return claims
        },
      },
    })
    await gateway.close()
    await log.close()
  })
})

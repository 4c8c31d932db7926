import { describe, expect, it } from 'vitest'
import type { NewRequest, RequestReply } from '../../protocol/port.js'
import type { UpFrame } from '../../protocol/wire/frames-up.js'
import { createVirtualClock, settled } from '../../testing/virtual-clock.js'
import { createRequests } from './requests.js'

function setUp() {
  const clock = createVirtualClock()
  const sent: UpFrame[] = []
  const world = { isOnline: true, isOffered: true, tokens: 0 }
  const requests = createRequests({
    clock,
    isOnline: () => world.isOnline,
    isOffered: () => world.isOffered,
    payloadLimit: () => 100,
    transmit: (frames) => sent.push(...frames),
    onTokenNeeded: () => void world.tokens++,
  })
  /** Its reply, once there is one. */
  function ask(request: Partial<NewRequest> = {}) {
    const { reply, cancel } = requests.ask({ type: 'task.list', timeout: 5_000, ...request })
    const own: { reply?: RequestReply; cancel(): void } = { cancel }
    void reply.then((value) => Object.assign(own, { reply: value }))
    return own
  }
  async function codeOf(own: { reply?: RequestReply }): Promise<string | undefined> {
    await settled()
    return own.reply && !own.reply.ok ? own.reply.error.code : undefined
  }
  return { clock, sent, world, requests, ask, codeOf }
}

describe('a request', () => {
  it('is sent once, and answered with what the server answers', async () => {
    const { requests, sent, ask } = setUp()
    const own = ask({ channel: 'board/7', payload: '{"of":1}' })
    expect(sent).toEqual([
      [
        'request',
        { id: 1, type: 'task.list', channel: 'board/7', payload: '{"of":1}', timeout: 5_000 },
      ],
    ])
    const other = ask()
    requests.responded({ id: 2 })
    requests.responded({ id: 1, result: '[1]' })
    requests.responded({ id: 1, result: '[2]' })
    requests.responded({ id: 99, result: '[3]' })
    await settled()
    expect(own.reply).toEqual({ ok: true, result: '[1]' })
    expect(other.reply).toEqual({ ok: true })
  })

  it('is answered with the error of the server, by its code', async () => {
    const { requests, ask, world } = setUp()
    const own = ask()
    requests.responded({ id: 1, result: '1', error: { code: 'no-such-board', why: 'gone' } })
    await settled()
    expect(own.reply).toMatchObject({
      ok: false,
      error: { code: 'failed', details: { reason: 'no-such-board', why: 'gone' } },
    })
    expect(world.tokens).toBe(0)
  })

  it('[S48] for which the token is not good enough has a fresh one sent, for the next', async () => {
    const { requests, ask, world, codeOf } = setUp()
    const own = ask()
    requests.responded({ id: 1, error: { code: 'auth' } })
    expect(await codeOf(own)).toBe('failed')
    expect(world.tokens).toBe(1)
  })

  it('fails at once while the line is down, and from a server that takes none', async () => {
    const { sent, world, ask, codeOf } = setUp()
    world.isOnline = false
    expect(await codeOf(ask())).toBe('offline')
    world.isOnline = true
    world.isOffered = false
    expect(await codeOf(ask())).toBe('unsupported')
    expect(sent).toEqual([])
  })

  it('[P12] has as much time as it says, and the server is told that nobody waits', async () => {
    const { clock, requests, sent, ask } = setUp()
    const own = ask({ timeout: 300 })
    await clock.advance(299)
    expect(own.reply).toBeUndefined()
    await clock.advance(1)
    expect(own.reply).toMatchObject({ ok: false, error: { code: 'timeout', details: { ms: 300 } } })
    expect(sent.at(-1)).toEqual(['cancel', { id: 1 }])
    requests.responded({ id: 1, result: '1' })
    await settled()
    expect(own.reply).toMatchObject({ ok: false })
    expect(clock.pending).toBe(0)
  })

  it('that is cancelled is answered so, once', async () => {
    const { sent, ask, codeOf } = setUp()
    const own = ask()
    own.cancel()
    own.cancel()
    expect(await codeOf(own)).toBe('aborted')
    expect(sent.slice(1)).toEqual([['cancel', { id: 1 }]])
  })

  it('[P12][F1][G55] is interrupted when the connection goes, whether or not the server has acted', async () => {
    const { clock, requests, ask, codeOf } = setUp()
    const all = [ask(), ask()]
    requests.lost()
    for (const own of all) expect(await codeOf(own)).toBe('interrupted')
    expect(clock.pending).toBe(0)
    const next = ask()
    requests.close()
    expect(await codeOf(next)).toBe('interrupted')
  })

  it('[F46] that the wire cannot carry is refused alone', async () => {
    const { sent, ask, codeOf } = setUp()
    for (const bad of [{ type: '' }, { channel: '' }, { timeout: Number.NaN }, { timeout: -1 }]) {
      expect(await codeOf(ask(bad))).toBe('bad-option')
    }
    expect(await codeOf(ask({ payload: 'x'.repeat(101) }))).toBe('too-large')
    expect(sent).toEqual([])
    ask({ timeout: Infinity })
    expect(sent).toMatchObject([['request', { timeout: 2 ** 31 - 1 }]])
  })

  it('[P14][G92] waits with a limited number of others', async () => {
    const { requests, ask } = setUp()
    for (let i = 0; i < 1_000; i++) ask()
    const over = ask()
    await settled()
    expect(over.reply).toMatchObject({ error: { code: 'failed', details: { reason: 'too-many' } } })
    requests.responded({ id: 1 })
    const next = ask()
    await settled()
    expect(next.reply).toBeUndefined()
  })
})

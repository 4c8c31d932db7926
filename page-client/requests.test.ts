import { describe, expect, it } from 'vitest'
import type { NewRequest } from '../protocol/port.js'
import { createFakeBroker, errorOf, type FakeBroker } from '../testing/fake-broker.js'
import { createVirtualClock, settled } from '../testing/virtual-clock.js'
import { createRequests } from './requests.js'

const LIST: NewRequest = { type: 'list', timeout: 10_000 }

function setUp() {
  const clock = createVirtualClock()
  let answered: FakeBroker | undefined
  const requests = createRequests({ environment: clock, broker: () => answered?.remote })
  /** Another broker has answered our hello. */
  const attach = (): FakeBroker => {
    requests.interrupt()
    const broker = createFakeBroker()
    answered = broker
    requests.handOver(broker.remote)
    return broker
  }
  const ask = (signal?: AbortSignal, request = LIST) => {
    const reply = requests.ask(request, signal).catch(({ code }) => code)
    return {
      isOver: async () => (await Promise.race([reply, settled().then(() => '…')])) !== '…',
      reply,
    }
  }
  return { clock, requests, attach, ask }
}

describe('a request', () => {
  it('resolves with the text of its result', async () => {
    const { attach, ask, clock } = setUp()
    const broker = attach()
    const [one, two] = [ask(), ask()]
    expect(broker.requests).toMatchObject([
      { id: 1, ...LIST },
      { id: 2, ...LIST },
    ])
    await broker.answerRequest(2, { ok: true, result: '7' })
    await broker.answerRequest(1, { ok: true })
    expect([await one.reply, await two.reply]).toEqual([undefined, '7'])
    expect(clock.pending).toBe(0)
  })

  it('rejects with why there is no answer', async () => {
    const { attach, ask } = setUp()
    const broker = attach()
    const { reply } = ask()
    await broker.answerRequest(1, { ok: false, error: errorOf('offline') })
    expect(await reply).toBe('offline')
  })

  it('waits for a broker that answers, with the time that is left', async () => {
    const { attach, ask, clock } = setUp()
    const { reply } = ask()
    await clock.advance(400.25)
    const broker = attach()
    expect(broker.requests).toMatchObject([{ timeout: 9_600 }])
    await broker.answerRequest(1, { ok: true, result: '7' })
    expect(await reply).toBe('7')
  })

  it('[P12] ends in time where there is no broker, or a hung one', async () => {
    const { attach, ask, clock } = setUp()
    const early = ask()
    await clock.advance(9_999)
    expect(await early.isOver()).toBe(false)
    await clock.advance(1)
    expect(await early.reply).toBe('timeout')
    const broker = attach()
    expect(broker.requests).toEqual([])
    const { reply } = ask()
    await clock.advance(10_000)
    expect(await reply).toBe('timeout')
    expect(broker.calls).toEqual([['cancel', 2]])
  })

  it('[P12][F1][F12][G55] is interrupted when its broker is gone, and never asked twice', async () => {
    const { attach, ask, requests } = setUp()
    const first = attach()
    const { reply } = ask()
    const second = attach()
    expect(await reply).toBe('interrupted')
    expect(second.requests).toEqual([])
    await first.answerRequest(1, { ok: true, result: '7' })
    const other = ask()
    requests.interrupt()
    expect(await other.reply).toBe('interrupted')
  })

  it('that is aborted ends at once, and the broker knows', async () => {
    const { attach, ask } = setUp()
    expect(await ask(AbortSignal.abort()).reply).toBe('aborted')
    const controller = new AbortController()
    const waiting = ask(controller.signal)
    controller.abort()
    expect(await waiting.reply).toBe('aborted')
    const broker = attach()
    expect(broker.requests).toEqual([])
    const second = new AbortController()
    const { reply } = ask(second.signal)
    second.abort()
    expect(await reply).toBe('aborted')
    expect(broker.calls).toEqual([['cancel', 3]])
    await broker.answerRequest(3, { ok: true })
  })

  it('[P12] ends with the line', async () => {
    const { attach, ask, requests, clock } = setUp()
    const early = ask()
    attach()
    const late = ask()
    requests.failAll(errorOf('closed'))
    expect([await early.reply, await late.reply]).toEqual(['closed', 'closed'])
    expect(clock.pending).toBe(0)
  })

  it('that a broker cannot take at all does not hang', async () => {
    const { ask, requests } = setUp()
    const { reply } = ask()
    requests.handOver({
      request: async () => Promise.reject(new Error('no')),
      cancel: async () => {},
    })
    expect(await reply).toBe('interrupted')
  })
})

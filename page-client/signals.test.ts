import { describe, expect, it } from 'vitest'
import { createFakeBroker, type FakeBroker } from '../testing/fake-broker.js'
import { createSignals } from './signals.js'

function setUp(state: { broker?: FakeBroker } = { broker: createFakeBroker() }) {
  const errors: unknown[] = []
  const signals = createSignals({
    broker: () => state.broker?.remote,
    onError: ({ code, details }, cause) => errors.push([code, details, (cause as Error).message]),
  })
  const heard = (payload: string, member?: string) =>
    signals.take({ kind: 'signal', channel: 'board', payload, ...(member && { member }) })
  return { signals, errors, heard, state, calls: state.broker?.calls ?? [] }
}

describe('a signal', () => {
  it('is said to the broker, and to nobody where nobody is', () => {
    const { signals, calls, state } = setUp()
    signals.send('board', { typing: true })
    signals.send('board', undefined)
    delete state.broker
    signals.send('board', 1)
    expect(calls).toEqual([
      ['signal', 'board', '{"typing":true}'],
      ['signal', 'board', 'null'],
    ])
  })

  it('[P14][G93] that is too long is refused', () => {
    const { signals, calls } = setUp()
    signals.send('board', 'x'.repeat(4_094))
    expect(() => signals.send('board', 'x'.repeat(4_095))).toThrow(
      expect.objectContaining({ code: 'too-large', details: { size: 4_097, limit: 4_096 } }),
    )
    expect(calls).toHaveLength(1)
  })

  it('reaches every handler of its channel, with whose it is', () => {
    const { signals, heard } = setUp()
    const calls: unknown[] = []
    signals.on('board', (...call) => calls.push(call))
    signals.on('news', (...call) => calls.push(call))
    heard('{"typing":true}', 'm1')
    heard('1')
    expect(calls).toEqual([
      [{ typing: true }, { channel: 'board', member: 'm1' }],
      [1, { channel: 'board' }],
    ])
  })

  it('that is not JSON, or whose handler throws, is told once for each and harms no other', () => {
    const { signals, heard, errors } = setUp()
    const seen: unknown[] = []
    signals.on('board', () => {
      throw new Error('mine')
    })
    const stop = signals.on('board', () => stop())
    signals.on('board', (payload) => seen.push(payload))
    heard('1')
    heard('2')
    expect(seen).toEqual([1, 2])
    expect(errors).toEqual(Array(2).fill(['bad-signal', { channel: 'board' }, 'mine']))
    heard('{')
    expect(errors).toHaveLength(4)
  })
})

describe('listening', () => {
  it('is said once a channel, and taken back with the last handler', () => {
    const { signals, calls } = setUp()
    const stops = [signals.on('board', () => {}), signals.on('board', () => {})]
    expect(signals.listening()).toEqual(['board'])
    for (const stop of [...stops, ...stops]) stop()
    expect(calls).toEqual([
      ['listen', 'board', true],
      ['listen', 'board', false],
    ])
    expect(signals.listening()).toEqual([])
  })

  it('is remembered for the next broker, and ends with the line', () => {
    const { signals, heard } = setUp({})
    const seen: unknown[] = []
    const stop = signals.on('board', (payload) => seen.push(payload))
    expect(signals.listening()).toEqual(['board'])
    signals.clear()
    heard('1')
    stop()
    expect([seen, signals.listening()]).toEqual([[], []])
  })

  it('again after all have stopped is listening', () => {
    const { signals, heard, calls } = setUp()
    const seen: unknown[] = []
    const stop = signals.on('board', () => {})
    stop()
    signals.on('board', (payload) => seen.push(payload))
    stop()
    heard('1')
    expect(seen).toEqual([1])
    expect(calls.at(-1)).toEqual(['listen', 'board', true])
  })
})

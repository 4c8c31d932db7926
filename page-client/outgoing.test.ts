import { describe, expect, it } from 'vitest'
import type { Key } from '../protocol/ids.js'
import { settled } from '../testing/virtual-clock.js'
import type { Delivery } from './api.js'
import { createOutgoing } from './outgoing.js'
import { quietly, type Resolvers } from './resolvers.js'
import type { Check } from './validators.js'

function setUp() {
  const handedOver: string[] = []
  const slow = new Map<unknown, Resolvers<unknown>>()
  /** Payloads that begin with "slow" wait for the test, "bad" ones are refused. */
  const payload: Check = (value) => {
    if (`${value}`.startsWith('bad')) throw new Error(`${value}`)
    if (!`${value}`.startsWith('slow')) return value
    const answer = quietly<unknown>()
    slow.set(value, answer)
    return answer.promise
  }
  const result: Check = (value) => {
    if (value === 'bad result') throw new Error('bad result')
    return value
  }
  const outgoing = createOutgoing({ channel: () => payload, call: () => ({ payload, result }) })
  const send = (value: string, lane = 'l', outcome = 'done'): Delivery =>
    outgoing({ key: value as Key, lane, type: 't' }, value, () => {
      handedOver.push(value)
      const [stored, done] = [Promise.resolve(), Promise.resolve(outcome)]
      return { key: value as Key, stored, done }
    })
  return { send, handedOver, slow }
}

describe('an operation on its way out', () => {
  it('[P2] is handed over in the call if its validator answers at once', () => {
    const { send, handedOver } = setUp()
    send('a')
    expect(handedOver).toEqual(['a'])
    expect(() => send('bad')).toThrow('bad')
    expect(handedOver).toEqual(['a'])
  })

  it('[P4] waits behind its lane, and only that, while a validator takes its time', async () => {
    const { send, handedOver, slow } = setUp()
    const deliveries = [send('slow 1'), send('a'), send('slow 2'), send('b')]
    send('c', 'other')
    slow.get('slow 2')?.resolve(1)
    await settled()
    expect(handedOver).toEqual(['c'])
    slow.get('slow 1')?.resolve(1)
    await settled()
    expect(handedOver).toEqual(['c', 'slow 1', 'a', 'slow 2', 'b'])
    expect(await Promise.all(deliveries.map(({ done }) => done))).toEqual(Array(4).fill('done'))
    send('d')
    expect(handedOver.at(-1)).toBe('d')
  })

  it('[P5] that is refused late tells its sender and nobody else', async () => {
    const { send, handedOver, slow } = setUp()
    const [before, refused, after] = [send('slow 1'), send('slow 2'), send('a')]
    slow.get('slow 2')?.reject(new Error('refused'))
    await settled()
    slow.get('slow 1')?.resolve(1)
    await expect(refused.stored).rejects.toThrow('refused')
    await expect(refused.done).rejects.toThrow('refused')
    await Promise.all([before.stored, after.stored])
    expect(handedOver).toEqual(['slow 1', 'a'])
  })

  it('comes back with a result that is checked too', async () => {
    const { send } = setUp()
    expect(await send('a').done).toBe('done')
    await expect(send('b', 'l', 'bad result').done).rejects.toThrow('bad result')
    await send('c', 'l', 'bad result').stored
  })
})

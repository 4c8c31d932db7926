import { describe, expect, it } from 'vitest'
import { createFakeBroker, errorOf, type FakeBroker } from '../testing/fake-broker.js'
import { createVirtualClock, settled } from '../testing/virtual-clock.js'
import { createDepartures } from './departures.js'
import { quietly } from './resolvers.js'
import { createSignOut } from './sign-out.js'

function setUp(state: { broker?: FakeBroker } = {}) {
  const clock = createVirtualClock()
  const told: string[] = []
  const signOut = createSignOut({
    environment: clock,
    silent: errorOf('worker-silent'),
    broker: () => state.broker?.remote,
    attach: () => told.push('attach'),
    mark: { before: 'none 1', fate: undefined, isMark: () => true },
    isAlone: () => false,
    onMissed: () => told.push('missed'),
    onOver: (fate) => told.push(fate),
  })
  return { clock, signOut, told }
}

describe('a sign-out', () => {
  it('[P13] resolves when the broker has done it', async () => {
    const broker = createFakeBroker()
    const { signOut, told, clock } = setUp({ broker })
    const over = signOut.ask('discard')
    expect(signOut.ask('discard')).toBe(over)
    expect(broker.signOuts).toEqual(['discard'])
    expect(signOut.isAsked).toBe(true)
    await broker.answerSignOut()
    await over
    expect(told).toEqual(['discard'])
    expect(signOut.isAsked).toBe(false)
    expect(clock.pending).toBe(0)
  })

  it('[P12] asks whoever comes, until one has answered', async () => {
    const { signOut, told } = setUp()
    const over = signOut.ask('keep')
    expect(told).toEqual(['attach'])
    const [dead, living] = [createFakeBroker(), createFakeBroker()]
    signOut.attached(dead.remote)
    signOut.attached(living.remote)
    await living.answerSignOut()
    await over
    expect(told).toEqual(['attach', 'keep'])
  })

  it('rejects with what the disk had to say', async () => {
    const broker = createFakeBroker()
    const { signOut } = setUp({ broker })
    const over = signOut.ask('discard')
    await broker.answerSignOut(errorOf('no-storage'))
    await expect(over).rejects.toMatchObject({ code: 'no-storage' })
  })

  it('[P12] never hangs, and may be asked for again', async () => {
    const { signOut, clock, told } = setUp({ broker: createFakeBroker() })
    const over = signOut.ask('discard')
    await clock.advance(10_000)
    await expect(over).rejects.toMatchObject({ code: 'worker-silent' })
    const again = signOut.ask('discard')
    signOut.failed(errorOf('worker-unreachable'))
    await expect(again).rejects.toMatchObject({ code: 'worker-unreachable' })
    expect(told).toEqual(['discard', 'discard'])
  })

  it('[P13] that comes second to another tab is done all the same, by a broker that begins anew', async () => {
    const broker = createFakeBroker()
    const { signOut, told } = setUp({ broker })
    const over = signOut.ask('discard')
    await broker.answerSignOut(errorOf('signed-out'))
    expect(told).toEqual(['attach'])
    signOut.attached(broker.remote)
    expect(broker.signOuts).toEqual(['discard', 'discard'])
    await broker.answerSignOut()
    await over
    expect(told).toEqual(['attach', 'discard'])
  })

  it('that discards comes after one that keeps', async () => {
    const broker = createFakeBroker()
    const { signOut } = setUp({ broker })
    const [first, second] = [signOut.ask('keep'), signOut.ask('discard')]
    await broker.answerSignOut()
    await first
    await settled()
    expect(broker.signOuts).toEqual(['keep', 'discard'])
    await broker.answerSignOut()
    await second
  })
})

describe('departures', () => {
  it('[F24] are waited for by address, all of them, however they end', async () => {
    const departures = createDepartures()
    expect(departures.from('a')).toBeUndefined()
    const [one, two] = [quietly<void>(), quietly<void>()]
    departures.begin('a', one.promise)
    departures.begin('a', two.promise)
    expect(departures.from('b')).toBeUndefined()
    let isOver = false
    void departures.from('a')?.then(() => {
      isOver = true
    })
    two.reject(new Error('no answer') as never)
    await settled()
    expect(isOver).toBe(false)
    one.resolve()
    await settled()
    expect(isOver).toBe(true)
    expect(departures.from('a')).toBeUndefined()
  })
})

/** How operations end, who is told, and what is remembered of it. */
import { describe, expect, it } from 'vitest'
import type { Key } from '../../protocol/ids.js'
import { ack, EPOCH, GRANT, nack, operation, setUp } from '../../testing/outbox-world.js'
import { createVirtualClock, settled } from '../../testing/virtual-clock.js'

const DAY = 24 * 60 * 60_000

describe('what is over', () => {
  it('[P5] is remembered on disk: handed over again it is not begun again', async () => {
    const clock = createVirtualClock()
    const first = setUp({ clock })
    first.outbox.connected(GRANT)
    for (const key of ['acked', 'given-up']) first.outbox.add(operation(key))
    await settled()
    first.outbox.acked(ack(1, { results: [[1, '{"id":"7"}']] }))
    first.outbox.discard('given-up' as Key)
    first.outbox.nacked(nack(2, { code: 'withdrawn' }))
    await settled()
    expect(first.disk.size).toBe(0)

    const second = setUp({ clock, past: [...first.ended.values()], incarnation: 2 })
    second.outbox.connected(GRANT)
    for (const key of ['acked', 'given-up']) {
      await second.outbox.add(operation(key, { again: true }))
    }
    await settled()
    expect(second.transmitted()).toEqual([])
    expect(second.outcomes).toMatchObject([
      { key: 'acked', outcome: 'acked', result: '{"id":"7"}' },
      { key: 'given-up', outcome: 'discarded' },
    ])
  })

  it('[P5][S72] is remembered in the transaction that takes the operation out of the outbox', async () => {
    const { outbox, writes } = setUp()
    outbox.connected(GRANT)
    for (const key of ['acked', 'given-up']) outbox.add(operation(key))
    await settled()
    writes.length = 0
    outbox.acked(ack(1))
    await settled()
    expect(writes).toEqual([['delete-operation', 'put-settled']])
    outbox.discard('given-up' as Key)
    outbox.nacked(nack(2, { code: 'withdrawn' }))
    await settled()
    expect(writes.at(-1)).toEqual(['delete-operation', 'put-settled'])
  })

  it('[P14][G7][G81] is remembered for the last thousand, a week, and a mebi of results', async () => {
    const clock = createVirtualClock()
    const { outbox, ended } = setUp({ clock })
    outbox.connected({ ...GRANT, window: 2_000 })
    for (let i = 1; i <= 1_100; i++) {
      outbox.add(operation(`k${i}`))
      await settled()
      outbox.acked({ lane: 'a', epoch: EPOCH + i - 1, seq: 1 })
    }
    await settled()
    expect(ended.size).toBe(1_000)
    expect(ended.has('k100')).toBe(false)

    outbox.disconnected()
    const discard = async (key: string): Promise<void> => {
      outbox.add(operation(key))
      outbox.discard(key as Key)
      await settled()
    }
    await clock.advance(7 * DAY)
    await discard('soon')
    expect([ended.size, ended.has('k1100')]).toEqual([1_000, true])
    await clock.advance(1)
    await discard('late')
    expect([...ended.keys()]).toEqual(['soon', 'late'])
  })

  it('[P14][G7][G81] gives way when the results grow too long', async () => {
    const { outbox, ended } = setUp()
    outbox.connected(GRANT)
    for (const key of ['k1', 'k2', 'k3']) outbox.add(operation(key))
    await settled()
    const long = `"${'x'.repeat(500_000)}"`
    outbox.acked(ack(3, { results: [1, 2, 3].map((seq) => [seq, long]) }))
    await settled()
    expect([...ended.keys()]).toEqual(['k2', 'k3'])
  })
})

describe('an end that the disk does not know of', () => {
  it('[P5] [F29] is not declared settled, so that the next broker is told the result too', async () => {
    const { outbox, diskAnswers } = setUp({ isDiskInstant: false })
    outbox.connected(GRANT)
    for (const key of ['k1', 'k2']) outbox.add(operation(key))
    await diskAnswers()
    outbox.acked(ack(1, { results: [[1, '{"id":"7"}']] }))
    outbox.disconnected()
    expect(outbox.lanes()).toEqual([{ lane: 'a', epoch: EPOCH, seq: 1 }])
    await diskAnswers()
    expect(outbox.lanes()).toEqual([{ lane: 'a', epoch: EPOCH, seq: 2 }])
  })

  it('[P5][S156] because it refused it, is not declared settled until it has been given all', async () => {
    const { outbox, diskAnswers, diskFails } = setUp({ isDiskInstant: false })
    outbox.connected(GRANT)
    for (const key of ['k1', 'k2']) outbox.add(operation(key))
    await diskAnswers()
    outbox.acked(ack(1, { results: [[1, '{"id":"7"}']] }))
    await diskFails()
    expect(outbox.lanes()).toEqual([{ lane: 'a', epoch: EPOCH, seq: 1 }])
    outbox.recovered()
    expect(outbox.lanes()).toEqual([{ lane: 'a', epoch: EPOCH, seq: 2 }])
  })

  it('[P14][S156] is forgotten with the oldest outcomes where the disk stays away', async () => {
    const limits = { operations: 2_000 }
    const { outbox, diskFails } = setUp({ isDiskInstant: false, limits })
    outbox.connected({ ...GRANT, window: 2_000 })
    for (let n = 1; n <= 1_002; n++) outbox.add(operation(`k${n}`)).catch(() => {})
    await diskFails()
    outbox.acked(ack(1_001))
    await diskFails()
    expect(outbox.lanes()).toEqual([{ lane: 'a', epoch: EPOCH, seq: 2 }])
  })

  it('[P14][S156] is forgotten too where the oldest outcomes make room for refusals', async () => {
    const { outbox, diskFails } = setUp({ isDiskInstant: false, limits: { operations: 2 } })
    outbox.connected(GRANT)
    for (const key of ['k1', 'k2']) outbox.add(operation(key)).catch(() => {})
    await diskFails()
    outbox.acked(ack(1))
    await diskFails()
    for (let n = 1; n <= 1_002; n++) outbox.add(operation(`more${n}`)).catch(() => {})
    await diskFails()
    expect(outbox.lanes()).toEqual([{ lane: 'a', epoch: EPOCH, seq: 2 }])
  })
})

describe('an end that the server does not know of', () => {
  it('[P5] is told when it is on disk, so that no end is told that a crash can undo', async () => {
    const { outbox, outcomes, diskAnswers } = setUp({ isDiskInstant: false })
    const first = outbox.add(operation('late', { ttl: 0, again: true }))
    const second = outbox.add(operation('late', { ttl: 0, again: true }))
    let isStored = false
    void Promise.all([first, second]).then(() => {
      isStored = true
    })
    outbox.add(operation('given-up'))
    await settled()
    outbox.discard('given-up' as Key)
    await settled()
    expect(outcomes).toEqual([])
    expect(isStored).toBe(false)
    await diskAnswers()
    expect(isStored).toBe(true)
    expect(new Set(outcomes.map(({ key, outcome }) => `${key} ${outcome}`))).toEqual(
      new Set(['late expired', 'given-up discarded']),
    )
  })
})

describe('failures', () => {
  async function fail(count: number, clock = createVirtualClock()) {
    const world = setUp({ clock })
    world.outbox.connected(GRANT)
    for (let i = 1; i <= count; i++) world.outbox.add(operation(`k${i}`))
    await settled()
    for (let seq = 1; seq <= count; seq++) world.outbox.nacked(nack(seq))
    await settled()
    return world
  }

  it('[P14][G80] are kept to be seen: the last hundred, for a week', async () => {
    const clock = createVirtualClock()
    const { outbox, disk } = await fail(150, clock)
    expect(disk.size).toBe(100)
    expect(outbox.ledger.whole().put).toHaveLength(100)
    expect(disk.has('k50')).toBe(false)
    await clock.advance(7 * DAY)
    outbox.add(operation('soon', { ttl: 0 }))
    await settled()
    expect([disk.size, disk.has('k150')]).toEqual([100, true])
    await clock.advance(1)
    outbox.add(operation('late', { ttl: 0 }))
    await settled()
    expect([...disk.keys()]).toEqual(['soon', 'late'])
  })

  it('are all sent again at once, in the order in which they failed', async () => {
    const { outbox, transmitted, outcomes } = await fail(3)
    expect(outbox.retryAll()).toBe(3)
    expect(outbox.retryAll()).toBe(0)
    await settled()
    expect(transmitted()).toEqual(['k1', 'k2', 'k3', 'k1', 'k2', 'k3'])
    outcomes.length = 0
    outbox.acked({ lane: 'a', epoch: EPOCH + 1, seq: 3 })
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['acked', 'acked', 'acked'])
    expect(outbox.ledger.whole().put).toEqual([])
  })

  it('[P5] of tabs that died are there after a restart', async () => {
    const clock = createVirtualClock()
    const first = await fail(2, clock)
    const second = setUp({ clock, operations: [...first.disk.values()], incarnation: 2 })
    expect(second.outbox.ledger.whole().put).toMatchObject([
      { key: 'k1', state: 'failed', outcome: 'rejected', error: { code: 'rejected' } },
      { key: 'k2', state: 'failed' },
    ])
    expect(second.outbox.queued).toBe(0)
  })

  it('[P5] of what comes out of a lifeboat and can never be sent are shown, not lost', async () => {
    const { outbox, outcomes } = setUp({ limits: { bytes: 10 } })
    const big = operation('big', { payload: `"${'x'.repeat(50)}"`, again: true })
    expect(await outbox.add(big)).toMatchObject({ code: 'too-large' })
    await settled()
    expect(outcomes).toMatchObject([{ key: 'big', outcome: 'rejected' }])
    expect(outbox.ledger.whole().put).toMatchObject([{ key: 'big', state: 'failed' }])
  })
})

describe('an outbox that may drop the oldest', () => {
  it('[P5][S67][G76] does so with an outcome, and only what was never sent', async () => {
    const { outbox, outcomes, disk } = setUp({
      limits: { operations: 2, overflow: 'drop-oldest' },
    })
    for (const key of ['k1', 'k2', 'k3']) outbox.add(operation(key))
    await settled()
    expect(outcomes).toMatchObject([
      { key: 'k1', outcome: 'discarded', error: { details: { by: 'overflow' } } },
    ])
    expect(outbox.queued).toBe(2)
    expect(disk.get('k1')?.failed).toMatchObject({ outcome: 'discarded' })

    outbox.connected(GRANT)
    await settled()
    expect(await outbox.add(operation('k4'))).toMatchObject({ code: 'outbox-full' })
    outbox.acked(ack(2))
    expect(await outbox.add(operation('k4'))).toBeUndefined()
  })

  it('[P14][G77] makes room for bytes as well', async () => {
    const { outbox, outcomes } = setUp({ limits: { bytes: 100, overflow: 'drop-oldest' } })
    for (const key of ['k1', 'k2', 'k3']) {
      outbox.add(operation(key, { payload: `"${'x'.repeat(40)}"` }))
    }
    await settled()
    expect(outcomes.map(({ key }) => key)).toEqual(['k1'])
    const tooMuch = operation('k4', { payload: `"${'x'.repeat(120)}"` })
    expect(await outbox.add(tooMuch)).toMatchObject({ code: 'too-large' })
    expect(outbox.queued).toBe(2)
  })
})

describe('a server that wants a fresher token', () => {
  it('[S48][S61] is given one, then the lane again, in order; other lanes do not wait', async () => {
    const { outbox, counts, gate, transmitted, outcomes } = setUp()
    let tokenComes = (): void => {}
    gate.token = new Promise((resolve) => {
      tokenComes = resolve
    })
    outbox.connected(GRANT)
    for (const key of ['k1', 'k2']) outbox.add(operation(key))
    outbox.add(operation('other', { lane: 'b' }))
    await settled()
    outbox.nacked(nack(1, { verdict: 'auth', code: 'auth' }))
    outbox.nacked(nack(2, { verdict: 'retry', after: 0 }))
    expect(counts.tokensAsked).toBe(1)
    outbox.acked({ lane: 'b', epoch: EPOCH + 1, seq: 1 })
    await settled()
    expect(outcomes).toMatchObject([{ key: 'other', outcome: 'acked' }])
    await settled()
    expect(transmitted().slice(3)).toEqual([])
    tokenComes()
    await settled()
    expect(transmitted().slice(3)).toEqual(['k1', 'k2'])
  })
})

describe('what nobody can know', () => {
  it('[F31][G11] is said: the server has forgotten whose number it was', async () => {
    const { outbox, outcomes } = setUp()
    outbox.connected(GRANT)
    outbox.add(operation('k1'))
    await settled()
    outbox.nacked(nack(1, { code: 'outcome-unknown' }))
    await settled()
    expect(outcomes).toMatchObject([
      { key: 'k1', outcome: 'rejected', error: { code: 'outcome-unknown' } },
    ])
  })

  it('[F31][F32][S60][G19] is not risked: numbers are not given anew once the server may have forgotten the key', async () => {
    const { outbox, outcomes, transmitted, clock } = setUp()
    const grant = { ...GRANT, keys: 7 * DAY }
    outbox.connected(grant)
    outbox.add(operation('old'))
    await settled()
    outbox.disconnected()
    await clock.advance(8 * DAY)
    outbox.add(operation('young'))
    await settled()
    outbox.connected(grant)
    await settled()
    outbox.nacked(nack(1, { code: 'stale-epoch' }))
    outbox.nacked(nack(2, { code: 'stale-epoch' }))
    await clock.advance(1_000)
    expect(outcomes).toMatchObject([
      { key: 'old', outcome: 'rejected', error: { code: 'outcome-unknown' } },
    ])
    expect(transmitted()).toEqual(['old', 'old', 'young', 'young'])
  })
})

describe('a queue that is being sent', () => {
  it('[F26][F27] takes more meanwhile, is cut, and still arrives in order', async () => {
    const { outbox, transmitted } = setUp()
    for (const key of ['k1', 'k2', 'k3']) outbox.add(operation(key))
    await settled()
    outbox.connected({ ...GRANT, window: 2 })
    await settled()
    outbox.add(operation('k4'))
    outbox.disconnected()
    await settled()
    outbox.add(operation('k5'))
    await settled()
    outbox.connected(GRANT)
    await settled()
    expect(transmitted().slice(2)).toEqual(['k1', 'k2', 'k3', 'k4', 'k5'])
  })

  it('[F20] is flushed once, however many tabs ask for it', async () => {
    const { outbox, transmitted } = setUp()
    for (let tab = 0; tab < 10; tab++) outbox.add(operation('k1', { again: true }))
    await settled()
    outbox.connected(GRANT)
    for (let tab = 0; tab < 10; tab++) outbox.add(operation('k1', { again: true }))
    await settled()
    expect(transmitted()).toEqual(['k1'])
  })

  it('[P4] of a thousand leaves at once, if the window is that large', async () => {
    const { outbox, log, transmitted } = setUp()
    for (let i = 0; i < 1_000; i++) outbox.add(operation(`k${i}`))
    await settled()
    log.length = 0
    outbox.connected({ ...GRANT, window: 1_024, message: 1_000_000 })
    await settled()
    expect(log.filter(([what]) => what === 'transmit')).toHaveLength(1)
    expect(transmitted()).toEqual(Array.from({ length: 1_000 }, (_, i) => `k${i}`))
  })
})

/** Lanes whose numbers the server knows otherwise: what becomes of their operations on the way (F32). */
import { describe, expect, it } from 'vitest'
import type { Key } from '../../protocol/ids.js'
import { ack, EPOCH, GRANT, nack, operation, setUp } from '../../testing/outbox-world.js'
import { settled } from '../../testing/virtual-clock.js'

const ANEW = { epoch: EPOCH + 1 }

/** Three were sent, and go again under new numbers; there is room for the first only. */
async function halfway(limits = {}) {
  const world = setUp({ limits })
  const { outbox } = world
  outbox.connected(GRANT)
  for (const key of ['k1', 'k2', 'k3']) {
    outbox.add(operation(key, { ttl: 60_000, maxAttempts: 2 }))
  }
  await settled()
  for (const seq of [1, 2, 3]) outbox.nacked(nack(seq, { code: 'stale-epoch' }))
  outbox.disconnected()
  outbox.connected({ ...GRANT, window: 1 })
  await settled()
  return world
}

describe('an operation that was sent and waits for a new number', () => {
  it('[P5][S60][S71] is given up as one that was sent: the server says how it ended', async () => {
    const { outbox, outcomes, frames } = await halfway()
    outbox.discard('k2' as Key)
    await settled()
    expect(outcomes).toEqual([])
    outbox.acked(ack(1, ANEW))
    await settled()
    expect(frames.at(-1)).toMatchObject({ key: 'k2', seq: 2, withdrawn: true })
    outbox.acked(ack(2, ANEW))
    await settled()
    expect(outcomes).toMatchObject([
      { key: 'k1', outcome: 'acked' },
      { key: 'k2', outcome: 'acked' },
    ])
  })

  it('[P5][S71] does not expire by our word alone', async () => {
    const { outbox, outcomes, clock, frames } = await halfway()
    await clock.advance(60_001)
    expect(outcomes).toEqual([])
    outbox.nacked(nack(1, { ...ANEW, code: 'withdrawn' }))
    await settled()
    expect(frames.at(-1)).toMatchObject({ key: 'k2', withdrawn: true })
  })

  it('[P5] makes no room for another one, and is shown as sent', async () => {
    const { outbox, outcomes } = await halfway({ operations: 3, overflow: 'drop-oldest' })
    expect(await outbox.add(operation('k4'))).toMatchObject({ code: 'outbox-full' })
    await settled()
    expect(outcomes).toEqual([])
    expect(outbox.ledger.whole()).toMatchObject({ put: Array(3).fill({ state: 'sent' }) })
  })

  it('[P5] becomes a tombstone when it is too large meanwhile', async () => {
    const { outbox, outcomes, frames } = await halfway()
    outbox.disconnected()
    outbox.connected({ ...GRANT, payload: 1 })
    await settled()
    expect(outcomes).toEqual([])
    expect(frames.slice(-3)).toMatchObject(
      ['k1', 'k2', 'k3'].map((key) => ({ key, withdrawn: true })),
    )
  })

  it('[P5] is not sent more often than its sender allowed', async () => {
    const { outbox, clock, frames } = await halfway()
    outbox.nacked(nack(1, { ...ANEW, code: 'stale-epoch' }))
    await clock.advance(1_000)
    expect(frames.at(-1)).toMatchObject({ key: 'k1', withdrawn: true })
  })

  it('[P4][P5] goes on after a crash: the lane hears the answers to all of its numbers', async () => {
    const first = await halfway()
    first.outbox.close()
    const operations = [...first.disk.values()]
    expect(operations.map(({ number }) => number?.epoch)).toEqual([EPOCH + 1, EPOCH, EPOCH])

    const { outbox, frames, outcomes } = setUp({ operations, incarnation: 2 })
    outbox.connected(GRANT, [{ lane: 'a', ...ANEW, seq: 0 }])
    await settled()
    const [{ epoch } = { epoch: 0 }] = frames
    expect(epoch).toBeGreaterThan(EPOCH + 1)
    expect(frames).toMatchObject(
      ['k1', 'k2', 'k3'].map((key, index) => ({ key, epoch, seq: index + 1 })),
    )
    outbox.acked(ack(3, { epoch }))
    expect(outcomes.map(({ key }) => key)).toEqual(['k1', 'k2', 'k3'])
  })
})

describe('a lane whose numbers do not fit', () => {
  it('[P4][F32] soon finds an epoch that is new to the server, however far ahead that is', async () => {
    const { outbox, clock, frames, outcomes } = setUp()
    outbox.connected(GRANT)
    outbox.add(operation('k1'))
    await settled()
    for (let round = 0; round < 20 && !outcomes.length; round++) {
      const { epoch = 0 } = frames.at(-1) ?? {}
      if (epoch > 9 * EPOCH) outbox.acked(ack(1, { epoch }))
      else outbox.nacked(nack(1, { epoch, code: 'stale-epoch' }))
      await clock.advance(1_000)
    }
    expect(outcomes).toMatchObject([{ key: 'k1', outcome: 'acked' }])
  })

  it('[P3][F31] does not send again what nobody knows of', async () => {
    const { outbox, clock, outcomes, transmitted } = setUp()
    outbox.connected(GRANT)
    for (const key of ['k1', 'k2']) outbox.add(operation(key))
    await settled()
    outbox.nacked(nack(1, { code: 'number-reused' }))
    outbox.nacked(nack(2, { code: 'outcome-unknown' }))
    await clock.advance(1_000)
    expect(outcomes).toMatchObject([{ key: 'k2', error: { code: 'outcome-unknown' } }])
    expect(transmitted()).toEqual(['k1', 'k2', 'k1'])
  })

  it('[P4][P5] hears that something behind took effect before, and goes on', async () => {
    const { outbox, clock, outcomes, transmitted } = setUp()
    outbox.connected(GRANT)
    for (const key of ['k1', 'k2']) outbox.add(operation(key))
    await settled()
    outbox.nacked(nack(1, { code: 'number-reused' }))
    outbox.acked(ack(2))
    await clock.advance(1_000)
    expect(outcomes).toMatchObject([{ key: 'k2', outcome: 'acked' }])
    expect(transmitted()).toEqual(['k1', 'k2', 'k1'])
  })
})

/** What a sender may ask of one operation: priority, time to live, attempts, key, withdrawal. */
import { describe, expect, it } from 'vitest'
import type { Key } from '../../protocol/ids.js'
import { ack, EPOCH, GRANT, nack, operation, setUp } from '../../testing/outbox-world.js'
import { createVirtualClock, settled } from '../../testing/virtual-clock.js'

const DAY = 24 * 60 * 60_000

describe('priority', () => {
  it('chooses between lanes, and never within one [P4]', async () => {
    const { outbox, transmitted } = setUp()
    outbox.add(operation('a1'))
    outbox.add(operation('b1', { lane: 'b' }))
    outbox.add(operation('c1', { lane: 'c', priority: 5 }))
    outbox.add(operation('b2', { lane: 'b', priority: 9 }))
    await settled()
    outbox.connected(GRANT)
    await settled()
    expect(transmitted()).toEqual(['b1', 'b2', 'c1', 'a1'])
  })

  it('lets the most urgent lane have the window when it is short [P14]', async () => {
    const { outbox, transmitted } = setUp()
    for (const key of ['a1', 'a2', 'a3']) outbox.add(operation(key))
    outbox.add(operation('low', { lane: 'low', priority: -1 }))
    outbox.add(operation('high', { lane: 'high', priority: 1 }))
    await settled()
    outbox.connected({ ...GRANT, window: 2 })
    await settled()
    expect(transmitted()).toEqual(['high', 'a1'])
  })
})

describe('time to live', () => {
  it('[P5][S63] ends what was never sent, and is shown until somebody decides', async () => {
    const { outbox, outcomes, disk, clock } = setUp()
    outbox.add(operation('k1', { ttl: 1_000 }))
    await clock.advance(999)
    expect(outcomes).toEqual([])
    await clock.advance(1)
    expect(outcomes).toMatchObject([{ key: 'k1', outcome: 'expired', error: { code: 'expired' } }])
    expect(outbox.ledger.whole().put).toMatchObject([
      { key: 'k1', state: 'failed', outcome: 'expired' },
    ])
    expect(disk.get('k1')?.failed).toMatchObject({ outcome: 'expired' })
    outbox.connected(GRANT)
    await clock.advance(DAY)
    expect(outbox.queued).toBe(0)
  })

  it('travels as what is left of it', async () => {
    const { outbox, clock, frames } = setUp()
    outbox.add(operation('k1', { ttl: 10_000 }))
    await clock.advance(4_000)
    outbox.connected(GRANT)
    await settled()
    expect(frames).toMatchObject([{ key: 'k1', ttl: 6_000 }])
  })

  it('[S59][S63] that passes after sending leaves the decision to the server: a tombstone, one outcome', async () => {
    for (const wins of ['tombstone', 'operation'] as const) {
      const { outbox, outcomes, clock, frames } = setUp()
      outbox.connected(GRANT)
      outbox.add(operation('k1', { ttl: 1_000 }))
      await settled()
      outbox.disconnected()
      await clock.advance(2_000)
      expect(outcomes).toEqual([])
      expect(outbox.ledger.whole().put).toMatchObject([{ state: 'withdrawn' }])
      outbox.connected(GRANT)
      await settled()
      expect(frames[1]).toEqual({
        lane: 'a',
        epoch: EPOCH,
        seq: 1,
        key: 'k1',
        type: 'note',
        withdrawn: true,
      })
      if (wins === 'tombstone') outbox.nacked(nack(1, { code: 'withdrawn' }))
      else outbox.acked(ack(1))
      await settled()
      expect(outcomes).toMatchObject([
        { key: 'k1', outcome: wins === 'tombstone' ? 'expired' : 'acked' },
      ])
    }
  })

  it('[S58] that the server finds to be over is `expired` too', async () => {
    const { outbox, outcomes } = setUp()
    outbox.connected(GRANT)
    outbox.add(operation('k1', { ttl: 1_000 }))
    await settled()
    outbox.nacked(nack(1, { code: 'expired' }))
    await settled()
    expect(outcomes).toMatchObject([{ outcome: 'expired', error: { code: 'expired' } }])
  })

  it('[G10] does not mind a wall clock that is set a day ahead or back while a broker lives', async () => {
    for (const jump of [DAY, -DAY]) {
      const { outbox, outcomes, clock } = setUp()
      outbox.add(operation('k1', { ttl: 10_000 }))
      clock.jumpWall(jump)
      await clock.advance(9_999)
      expect(outcomes).toEqual([])
      await clock.advance(1)
      expect(outcomes).toMatchObject([{ outcome: 'expired' }])
    }
  })

  it('[G10] counts the time between two brokers by the wall clock; a clock that went back counts nothing', async () => {
    for (const [between, left] of [
      [4_000, 5_000],
      [-DAY, 9_000],
    ] as const) {
      const clock = createVirtualClock()
      const first = setUp({ clock })
      first.outbox.connected(GRANT)
      await clock.advance(1_000)
      first.outbox.add(operation('k1', { ttl: 10_000 }))
      await settled()
      await clock.advance(1_000)
      // A second write notes what is left then.
      first.outbox.disconnected()
      const written = first.outbox.snapshot()
      expect(written).toMatchObject([{ operation: { life: { left: 9_000 } } }])
      first.outbox.close()
      clock.jumpWall(between)
      const operations = written.flatMap((change) =>
        change.type === 'put-operation' ? [change.operation] : [],
      )
      const second = setUp({ clock, operations, incarnation: 2 })
      second.outbox.connected(GRANT)
      await settled()
      expect(second.frames).toMatchObject([{ ttl: left }])
    }
  })

  it('that was used up before it came here is an outcome at once, visible to all', async () => {
    const { outbox, outcomes, disk } = setUp()
    await outbox.add(operation('k1', { ttl: 0 }))
    await settled()
    expect(outcomes).toMatchObject([{ key: 'k1', outcome: 'expired' }])
    expect(disk.get('k1')?.failed).toMatchObject({ outcome: 'expired' })
  })

  it('is not outlived because a suspended worker hears the network before its timers', async () => {
    const { outbox, transmitted, outcomes, clock } = setUp()
    outbox.add(operation('k1', { ttl: 10 }))
    await settled()
    clock.leap(50)
    outbox.connected(GRANT)
    await settled()
    expect(transmitted()).toEqual([])
    await settled()
    expect(outcomes).toMatchObject([{ outcome: 'expired' }])
  })
})

describe('attempts', () => {
  it('are counted, on disk before they are made', async () => {
    const { outbox, disk, clock } = setUp()
    outbox.connected(GRANT)
    outbox.add(operation('k1', { maxAttempts: 9 }))
    await settled()
    expect(disk.get('k1')).toMatchObject({ attempts: 1 })
    outbox.nacked(nack(1, { verdict: 'retry', after: 100 }))
    await clock.advance(100)
    expect(disk.get('k1')).toMatchObject({ attempts: 2 })
    outbox.disconnected()
    outbox.connected(GRANT)
    await settled()
    expect(outbox.ledger.whole().put).toMatchObject([{ attempts: 3 }])
  })

  it('[P5][F30][S59][S64] end at `maxAttempts`: the number is settled by a tombstone, the lane goes on', async () => {
    const { outbox, outcomes, frames, clock } = setUp()
    outbox.connected(GRANT)
    outbox.add(operation('poison', { maxAttempts: 2 }))
    outbox.add(operation('k2'))
    await settled()
    for (const seq of [1, 2]) outbox.nacked(nack(seq, { verdict: 'retry', after: 100 }))
    await clock.advance(100)
    for (const seq of [1, 2]) outbox.nacked(nack(seq, { verdict: 'retry', after: 100 }))
    await clock.advance(100)
    expect(frames.map(({ key, withdrawn }) => [key, withdrawn === true])).toEqual([
      ['poison', false],
      ['k2', false],
      ['poison', false],
      ['k2', false],
      ['poison', true],
      ['k2', false],
    ])
    outbox.nacked(nack(1, { code: 'withdrawn' }))
    outbox.acked(ack(2))
    await settled()
    expect(outcomes).toMatchObject([
      { key: 'k2', outcome: 'acked' },
      { key: 'poison', outcome: 'rejected', error: { code: 'exhausted' } },
    ])
  })

  it('are without end if nobody limits them', async () => {
    const { outbox, outcomes, transmitted, clock } = setUp()
    outbox.connected(GRANT)
    outbox.add(operation('k1'))
    await settled()
    for (let i = 0; i < 50; i++) {
      outbox.nacked(nack(1, { verdict: 'retry', after: 10 }))
      await clock.advance(10)
    }
    expect(transmitted()).toHaveLength(51)
    await settled()
    expect(outcomes).toEqual([])
  })
})

describe('discarding', () => {
  it('[S65][G8] ends at once what was never sent', async () => {
    const { outbox, outcomes, disk } = setUp()
    outbox.add(operation('k1'))
    await settled()
    expect(outbox.discard('k1' as Key)).toBe(true)
    await settled()
    expect(outcomes).toMatchObject([{ outcome: 'discarded', error: { details: { by: 'user' } } }])
    expect(disk.size).toBe(0)
    expect(outbox.ledger.whole().put).toEqual([])
    expect(outbox.discard('k1' as Key)).toBe(false)
  })

  it('[P5][S56][S57][S59][S65][G9] of what was sent is the server’s to decide, whoever comes first', async () => {
    for (const wins of ['tombstone', 'operation'] as const) {
      const { outbox, outcomes, disk, frames } = setUp()
      outbox.connected(GRANT)
      outbox.add(operation('k1'))
      await settled()
      expect(outbox.discard('k1' as Key)).toBe(true)
      await settled()
      // It is in flight: the answer to that comes first, a second frame would only use up the window.
      expect(frames).toHaveLength(1)
      expect(disk.get('k1')).toMatchObject({ withdrawn: 'discarded' })
      expect(outbox.queued).toBe(1)
      outbox.disconnected()
      outbox.connected(GRANT)
      await settled()
      expect(frames[1]).toMatchObject({ seq: 1, withdrawn: true })
      if (wins === 'tombstone') outbox.nacked(nack(1, { code: 'withdrawn' }))
      else outbox.acked(ack(1, { results: [[1, '7']] }))
      await settled()
      expect(outcomes).toMatchObject([
        wins === 'tombstone'
          ? { outcome: 'discarded', error: { details: { by: 'user' } } }
          : { outcome: 'acked', result: '7' },
      ])
      await settled()
      expect(outbox.ledger.whole().put).toEqual([])
    }
  })

  it('[P5][S58] of what the server refuses for another reason is over; what its sender gave up is seen', async () => {
    const { outbox, outcomes, disk, clock } = setUp()
    outbox.connected(GRANT)
    outbox.add(operation('discarded'))
    outbox.add(operation('expired', { ttl: 1_000 }))
    await settled()
    outbox.discard('discarded' as Key)
    await clock.advance(1_000)
    for (const seq of [1, 2]) outbox.nacked(nack(seq, { code: 'invalid' }))
    await settled()
    expect(outcomes).toMatchObject([
      { key: 'discarded', outcome: 'rejected', error: { details: { reason: 'invalid' } } },
      { key: 'expired', outcome: 'rejected', error: { details: { reason: 'invalid' } } },
    ])
    expect([...disk.keys()]).toEqual(['expired'])
    expect(outbox.ledger.whole().put).toMatchObject([{ key: 'expired', state: 'failed' }])
  })

  it('outlives the broker: the next one sends the tombstone', async () => {
    const first = setUp()
    first.outbox.connected(GRANT)
    first.outbox.add(operation('k1'))
    await settled()
    first.outbox.discard('k1' as Key)
    await settled()
    const second = setUp({ operations: [...first.disk.values()], incarnation: 2 })
    second.outbox.connected(GRANT)
    await settled()
    expect(second.frames).toMatchObject([{ key: 'k1', withdrawn: true }])
  })

  it('[F30] of the head of a lane that waits ends the waiting', async () => {
    const { outbox, frames, clock } = setUp()
    outbox.connected(GRANT)
    outbox.add(operation('poison'))
    outbox.add(operation('k2'))
    await settled()
    for (const seq of [1, 2]) outbox.nacked(nack(seq, { verdict: 'retry', after: 30_000 }))
    outbox.discard('poison' as Key)
    await clock.advance(0)
    expect(frames.slice(2)).toMatchObject([{ key: 'poison', withdrawn: true }, { key: 'k2' }])
  })
})

describe('the same key', () => {
  it('[P3] is one operation: who sends it again learns how it ended', async () => {
    const { outbox, outcomes, transmitted } = setUp()
    outbox.connected(GRANT)
    outbox.add(operation('mine'))
    await settled()
    outbox.acked(ack(1, { results: [[1, '"done"']] }))
    outcomes.length = 0
    await outbox.add(operation('mine'))
    await settled()
    expect(outcomes).toEqual([{ key: 'mine', outcome: 'acked', result: '"done"' }])
    expect(transmitted()).toEqual(['mine'])
  })

  it('may be sent once more after a person gave it up', async () => {
    const { outbox, transmitted } = setUp()
    outbox.add(operation('mine'))
    outbox.discard('mine' as Key)
    outbox.add(operation('mine'))
    await settled()
    outbox.connected(GRANT)
    await settled()
    expect(transmitted()).toEqual(['mine'])
  })
})

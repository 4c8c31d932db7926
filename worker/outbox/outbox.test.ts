import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Key } from '../../protocol/ids.js'
import type { NewOperation } from '../../protocol/port.js'
import type { UpBody } from '../../protocol/wire/frames-up.js'
import { ack, EPOCH, GRANT, nack, operation, setUp } from '../../testing/outbox-world.js'
import { settled } from '../../testing/virtual-clock.js'
import type { StoredOperation } from './operation.js'

describe('the way of an operation', () => {
  it('[P2][S56][S70] goes to disk with its number before it is transmitted, in one write', async () => {
    const { outbox, log, diskAnswers } = setUp({ isDiskInstant: false })
    outbox.connected(GRANT)
    outbox.add(operation('k1'))
    await settled()
    expect(log).toEqual([['write', 'k1', 1]])
    await diskAnswers()
    expect(log).toEqual([
      ['write', 'k1', 1],
      ['transmit', 'k1'],
    ])
  })

  it('[P2] is stored without a number while the line is down', async () => {
    const { outbox, disk, log } = setUp()
    await outbox.add(operation('k1'))
    expect(disk.get('k1')).toMatchObject({ key: 'k1', lane: 'a' })
    expect(disk.get('k1')?.number).toBeUndefined()
    expect(log).toEqual([['write', 'k1', undefined]])
  })

  it('[F19][S57] leaves the disk only after the server has settled it', async () => {
    const { outbox, disk, outcomes } = setUp()
    outbox.connected(GRANT)
    outbox.add(operation('k1'))
    await settled()
    expect(disk.has('k1')).toBe(true)
    outbox.acked(ack(1, { results: [[1, '{"id":"7"}']] }))
    await settled()
    expect(disk.has('k1')).toBe(false)
    await settled()
    expect(outcomes).toEqual([{ key: 'k1', outcome: 'acked', result: '{"id":"7"}' }])
  })

  it('[P3] is one operation however often its key is sent', async () => {
    const { outbox, transmitted } = setUp()
    outbox.connected(GRANT)
    await Promise.all([outbox.add(operation('k1')), outbox.add(operation('k1'))])
    expect(outbox.queued).toBe(1)
    expect(transmitted()).toEqual(['k1'])
  })
})

describe('order', () => {
  it('[P4][S73] lets nothing overtake within a lane while the disk is slow', async () => {
    const { outbox, transmitted, diskAnswers } = setUp({ isDiskInstant: false })
    outbox.connected(GRANT)
    for (const key of ['k1', 'k2', 'k3']) outbox.add(operation(key))
    await settled()
    expect(transmitted()).toEqual([])
    await diskAnswers()
    expect(transmitted()).toEqual(['k1', 'k2', 'k3'])
  })

  it('[P4][F27][S56][S62] resends unsettled operations in order with the same numbers', async () => {
    const { outbox, log, disk } = setUp()
    outbox.connected(GRANT)
    for (const key of ['k1', 'k2', 'k3']) outbox.add(operation(key))
    await settled()
    const numbers = [...disk.values()].map(({ number }) => number)
    outbox.acked(ack(1))
    outbox.disconnected()
    log.length = 0
    outbox.connected(GRANT)
    await settled()
    expect(log.filter(([what]) => what === 'transmit')).toEqual([['transmit', 'k2', 'k3']])
    expect([...disk.values()].map(({ number }) => number)).toEqual(numbers.slice(1))
  })

  it('[P4] goes on after a restart with the numbers that are on disk', async () => {
    const before = setUp()
    before.outbox.connected(GRANT)
    for (const key of ['k1', 'k2']) before.outbox.add(operation(key))
    await settled()
    before.outbox.disconnected()
    before.outbox.add(operation('k3'))
    await settled()

    const after = setUp({ operations: [...before.disk.values()], incarnation: 2 })
    expect(after.outbox.lanes()).toEqual([{ lane: 'a', epoch: EPOCH, seq: 1 }])
    after.outbox.connected(GRANT)
    await settled()
    expect(after.transmitted()).toEqual(['k1', 'k2'])
    after.outbox.acked(ack(2))
    await settled()
    expect(after.transmitted()).toEqual(['k1', 'k2', 'k3'])
  })

  it('[P3][F32][S70] gives no number that an earlier broker may have given', async () => {
    const before = setUp()
    before.outbox.connected(GRANT)
    before.outbox.add(operation('k1'))
    await settled()
    // The disk broke here: what the broker went on to number, the disk never heard of.
    const after = setUp({ operations: [...before.disk.values()], incarnation: 2 })
    after.outbox.connected(GRANT)
    after.outbox.add(operation('k9'))
    await settled()
    after.outbox.acked(ack(1))
    await settled()
    expect(after.disk.get('k9')?.number).toEqual({ epoch: 2 * EPOCH, seq: 1 })
  })

  it('[P4] counts a lane that came back in a new epoch', async () => {
    const { outbox, disk } = setUp()
    outbox.connected(GRANT)
    outbox.add(operation('k1'))
    await settled()
    outbox.acked(ack(1))
    outbox.add(operation('k2'))
    await settled()
    expect(disk.get('k2')?.number).toEqual({ epoch: EPOCH + 1, seq: 1 })
  })

  it('[S70] never gives an epoch twice, over any number of restarts', () => {
    const epochOf = (incarnation: number): number | undefined => {
      const { outbox, disk } = setUp({ incarnation })
      outbox.connected(GRANT)
      outbox.add(operation('k'))
      return outbox.lanes()[0]?.epoch ?? disk.get('k')?.number?.epoch
    }
    expect([1, 2, 2 ** 20].map(epochOf)).toEqual([2 ** 32, 2 ** 33, 2 ** 52])
  })
})

describe('the window', () => {
  it('[P14][G79] keeps as many in flight as the server granted, over all lanes', async () => {
    const { outbox, transmitted } = setUp()
    outbox.connected({ ...GRANT, window: 2 })
    for (const key of ['k1', 'k2', 'k3', 'k4']) outbox.add(operation(key))
    await settled()
    expect(transmitted()).toEqual(['k1', 'k2'])
    outbox.acked(ack(2))
    await settled()
    expect(transmitted()).toEqual(['k1', 'k2', 'k3', 'k4'])
  })

  it('lets what waited leave in one message', async () => {
    const { outbox, log } = setUp()
    for (let i = 0; i < 200; i++) outbox.add(operation(`k${i}`))
    await settled()
    outbox.connected(GRANT)
    await settled()
    expect(log.filter(([what]) => what === 'transmit')).toHaveLength(1)
  })

  it('[P14] cuts messages to the length that the server reads', async () => {
    const { outbox, log } = setUp()
    for (let i = 0; i < 20; i++) outbox.add(operation(`k${i}`, { payload: `"${'x'.repeat(500)}"` }))
    await settled()
    outbox.connected({ ...GRANT, message: 10_000 })
    await settled()
    expect(log.filter(([what]) => what === 'transmit')).toHaveLength(3)
  })
})

describe('refusals', () => {
  it('[F30][S58] free the lane and stay to be seen', async () => {
    const { outbox, outcomes, disk } = setUp()
    outbox.connected(GRANT)
    for (const key of ['k1', 'k2']) outbox.add(operation(key))
    await settled()
    outbox.nacked({ lane: 'a', epoch: EPOCH, seq: 1, verdict: 'drop', code: 'invalid', why: 'no' })
    outbox.acked(ack(2))
    await settled()
    const error = { code: 'rejected', details: { reason: 'invalid', why: 'no' } }
    await settled()
    expect(outcomes).toMatchObject([
      { key: 'k2', outcome: 'acked' },
      { key: 'k1', outcome: 'rejected', error },
    ])
    expect([...disk.keys()]).toEqual(['k1'])
    expect(outbox.ledger.whole().put).toMatchObject([{ key: 'k1', state: 'failed', error }])
  })

  it('[S65][S66] can be retried at the end of the lane, or discarded', async () => {
    const { outbox, transmitted, disk } = setUp()
    outbox.connected(GRANT)
    outbox.add(operation('k1'))
    await settled()
    outbox.nacked({ lane: 'a', epoch: EPOCH, seq: 1, verdict: 'drop', code: 'invalid' })
    expect(outbox.retry('k1' as Key)).toBe(true)
    expect(outbox.retry('k1' as Key)).toBe(false)
    await settled()
    expect(transmitted()).toEqual(['k1', 'k1'])
    outbox.nacked({ lane: 'a', epoch: EPOCH + 1, seq: 1, verdict: 'drop', code: 'invalid' })
    expect(outbox.discard('k1' as Key)).toBe(true)
    await settled()
    expect(disk.size).toBe(0)
  })

  it('[P4][S66] that are retried go behind what stands in their lane by then', async () => {
    const { outbox, transmitted } = setUp()
    outbox.connected({ ...GRANT, window: 1 })
    for (const key of ['k1', 'k2', 'k3']) outbox.add(operation(key))
    await settled()
    outbox.nacked(nack(1))
    outbox.retry('k1' as Key)
    await settled()
    outbox.acked(ack(2))
    await settled()
    outbox.acked(ack(3))
    await settled()
    expect(transmitted()).toEqual(['k1', 'k2', 'k3', 'k1'])
  })

  it('[P4][S61] that may be retried make their lane wait, in order, and no other', async () => {
    const { outbox, clock, transmitted, log } = setUp()
    outbox.connected(GRANT)
    for (const key of ['k1', 'k2']) outbox.add(operation(key))
    await settled()
    outbox.nacked({ lane: 'a', epoch: EPOCH, seq: 1, verdict: 'retry', code: 'busy', after: 500 })
    outbox.nacked({ lane: 'a', epoch: EPOCH, seq: 2, verdict: 'retry', code: 'busy', after: 0 })
    outbox.add(operation('other', { lane: 'b' }))
    await settled()
    expect(transmitted()).toEqual(['k1', 'k2', 'other'])
    log.length = 0
    await clock.advance(499)
    expect(transmitted()).toEqual([])
    await clock.advance(1)
    expect(transmitted()).toEqual(['k1', 'k2'])
  })

  it('[P14] wait for the answers to what is behind them, and send nothing twice', async () => {
    const { outbox, transmitted, log } = setUp()
    outbox.connected({ ...GRANT, window: 3 })
    for (const key of ['k1', 'k2', 'k3']) outbox.add(operation(key))
    await settled()
    const nack = (seq: number) =>
      outbox.nacked({ lane: 'a', epoch: EPOCH, seq, verdict: 'retry', code: 'not-now', after: 0 })
    log.length = 0
    nack(1)
    nack(2)
    await settled()
    expect(transmitted()).toEqual([])
    nack(3)
    await settled()
    expect(transmitted()).toEqual(['k1', 'k2', 'k3'])
  })

  it('[F28][S68] of a stored operation that a smaller limit no longer lets through end it, not the line', async () => {
    const big = operation('big', { payload: `"${'x'.repeat(900)}"` })
    const { outbox, outcomes, transmitted } = setUp()
    outbox.add(big)
    outbox.add(operation('k2'))
    await settled()
    outbox.connected({ ...GRANT, payload: 100 })
    await settled()
    expect(outcomes).toMatchObject([
      { key: 'big', outcome: 'rejected', error: { code: 'too-large' } },
    ])
    expect(transmitted()).toEqual(['k2'])
  })
})

describe('an operation that was sent and then became too large', () => {
  it('[F28][S68] travels as a tombstone, so that its lane goes on', async () => {
    const { outbox, outcomes, transmitted } = setUp()
    outbox.connected(GRANT)
    outbox.add(operation('big', { payload: `"${'x'.repeat(900)}"` }))
    outbox.add(operation('k2'))
    await settled()
    outbox.disconnected()
    outbox.connected({ ...GRANT, payload: 100 })
    await settled()
    expect(transmitted()).toEqual(['big', 'k2', 'big', 'k2'])
    outbox.nacked({ lane: 'a', epoch: EPOCH, seq: 1, verdict: 'drop', code: 'withdrawn' })
    outbox.acked(ack(2))
    await settled()
    expect(outcomes).toMatchObject([
      { key: 'k2', outcome: 'acked' },
      { key: 'big', outcome: 'rejected', error: { code: 'too-large' } },
    ])
  })
})

describe('a tombstone that was made because the server took less for a while', () => {
  async function tombstone() {
    const world = setUp()
    world.outbox.connected(GRANT)
    world.outbox.add(operation('big', { payload: `"${'x'.repeat(900)}"` }))
    await settled()
    world.outbox.disconnected()
    world.outbox.connected({ ...GRANT, payload: 100 })
    await settled()
    return world
  }

  it('[P5] is not passed off as withdrawn by a person, when the server takes more again', async () => {
    const { outbox, outcomes } = await tombstone()
    outbox.disconnected()
    outbox.connected(GRANT)
    await settled()
    outbox.nacked(nack(1, { code: 'withdrawn' }))
    await settled()
    expect(outcomes).toMatchObject([{ key: 'big', outcome: 'rejected' }])
    expect(outbox.ledger.whole()).toMatchObject({ put: [{ key: 'big', state: 'failed' }] })
  })

  it('[P5][F31] is not called too large when nobody knows how it ended', async () => {
    const { outbox, outcomes } = await tombstone()
    outbox.nacked(nack(1, { code: 'outcome-unknown' }))
    await settled()
    expect(outcomes).toMatchObject([{ key: 'big', error: { code: 'outcome-unknown' } }])
  })
})

describe('a disk that has come back', () => {
  it('[P2] does not make stored what came while it was being mended', async () => {
    const { outbox, diskAnswers } = setUp({ isDiskInstant: false })
    outbox.add(operation('k1'))
    await settled()
    outbox.recovered()
    let isStored = false
    void Promise.resolve(outbox.add(operation('k1', { again: true }))).then(() => {
      isStored = true
    })
    await settled()
    expect(isStored).toBe(false)
    await diskAnswers()
    expect(isStored).toBe(true)
  })
})

describe('numbers that the server knows otherwise', () => {
  for (const code of ['out-of-order', 'stale-epoch', 'number-reused']) {
    it(`[P3][P4][F32][S60][G18] (${code}) are given anew, in order and with the same keys`, async () => {
      const { outbox, clock, log, disk, outcomes, transmitted } = setUp()
      outbox.connected(GRANT)
      for (const key of ['k1', 'k2', 'k3']) outbox.add(operation(key))
      await settled()
      log.length = 0
      for (const seq of [1, 2, 3]) {
        outbox.nacked({ lane: 'a', epoch: EPOCH, seq, verdict: 'drop', code })
        await settled()
      }
      await clock.advance(999)
      expect([outcomes, transmitted()]).toEqual([[], []])
      await clock.advance(1)
      expect(transmitted()).toEqual(['k1', 'k2', 'k3'])
      const numbers = [...disk.values()].map(({ number }) => number)
      expect(numbers).toEqual([1, 2, 3].map((seq) => ({ epoch: EPOCH + 1, seq })))
      outbox.acked({ lane: 'a', epoch: EPOCH + 1, seq: 3 })
      expect(outcomes.map(({ key }) => key)).toEqual(['k1', 'k2', 'k3'])
    })
  }
})

describe('a disk that is older than the server', () => {
  it('[P3][F32] begins epochs above those that the server has seen', async () => {
    const { outbox, clock, disk } = setUp()
    outbox.connected(GRANT)
    outbox.add(operation('k1'))
    await settled()
    outbox.disconnected()
    outbox.connected(GRANT, [{ lane: 'a', epoch: 9 * EPOCH, seq: 4 }])
    await settled()
    outbox.nacked({ lane: 'a', epoch: EPOCH, seq: 1, verdict: 'drop', code: 'stale-epoch' })
    await clock.advance(1_000)
    expect(disk.get('k1')?.number).toEqual({ epoch: 9 * EPOCH + 1, seq: 1 })
  })
})

describe('limits', () => {
  it('[P14] refuse what is over them, with what is over', async () => {
    const { outbox } = setUp({ limits: { operations: 1, bytes: 30 } })
    expect(await outbox.add(operation('k1', { payload: '"x"' }))).toBeUndefined()
    expect(await outbox.add(operation('k2'))).toMatchObject({
      code: 'outbox-full',
      details: { limit: 'operations' },
    })
    const other = setUp({ limits: { operations: 9, bytes: 30 } })
    other.outbox.add(operation('k1', { payload: `"${'x'.repeat(20)}"` }))
    expect(
      await other.outbox.add(operation('k2', { payload: `"${'x'.repeat(20)}"` })),
    ).toMatchObject({
      code: 'outbox-full',
      details: { limit: 'bytes' },
    })
    expect(
      await other.outbox.add(operation('k3', { payload: `"${'x'.repeat(40)}"` })),
    ).toMatchObject({
      code: 'too-large',
      details: { size: 42, limit: 30 },
    })
  })

  it('[F46] refuse a name that would end the connection for everybody', async () => {
    const { outbox } = setUp()
    const bad: Partial<NewOperation>[] = [
      { type: '' },
      { lane: 'x'.repeat(257) },
      { channel: 'a\0b' },
      { key: '\ud800' as Key },
      { type: undefined as never },
    ]
    for (const more of bad) {
      const option = Object.keys(more)[0]
      expect(await outbox.add(operation('k', more))).toMatchObject({
        code: 'bad-option',
        details: { option },
      })
    }
    expect(outbox.queued).toBe(0)
  })

  it('[F46] pass a result on only if it is one', async () => {
    const { outbox, outcomes } = setUp()
    outbox.connected(GRANT)
    outbox.add(operation('k1'))
    outbox.add(operation('k2'))
    await settled()
    const results = [
      [1, '{not json'],
      [2, '"fine"'],
    ]
    outbox.acked(ack(2, { results }))
    await settled()
    expect(outcomes).toEqual([
      { key: 'k1', outcome: 'acked' },
      { key: 'k2', outcome: 'acked', result: '"fine"' },
    ])
  })

  it('[F46] do not let a server settle what it was never sent', async () => {
    const { outbox, outcomes, disk } = setUp({ isDiskInstant: false })
    outbox.connected(GRANT)
    outbox.add(operation('k1'))
    await settled()
    outbox.acked(ack(9))
    outbox.nacked({ lane: 'a', epoch: EPOCH, seq: 1, verdict: 'drop', code: 'no' })
    outbox.acked({ lane: 'nowhere', epoch: 1, seq: 1 })
    await settled()
    expect(outcomes).toEqual([])
    expect(outbox.queued).toBe(1)
    expect(disk.size).toBe(0)
  })
})

describe('any history of sends, cuts, acks and restarts', () => {
  it('[P3][P4][S73] reaches a deduplicating server once and in order', async () => {
    const step = fc.constantFrom('send', 'send', 'cut', 'connect', 'answer', 'restart')
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const applied: string[] = []
        const watermark = new Map<string, { epoch: number; seq: number }>()
        let world = setUp({ incarnation: 1 })
        let incarnation = 1
        let sent = 0
        let isUp = false
        let taken = 0

        /** A server that keeps its side of the protocol. */
        function answer(): void {
          const { outbox, disk } = world
          const frames = world.log.filter(([what]) => what === 'transmit')
          for (const [, ...keys] of frames.slice(taken) as string[][]) {
            for (const key of keys) {
              const op = disk.get(key) as (StoredOperation & UpBody<'op'>) | undefined
              const number = op?.number
              if (!op || !number) continue
              const mark = watermark.get(op.lane) ?? { epoch: 0, seq: 0 }
              const seen = mark.epoch === number.epoch ? mark.seq : 0
              if (number.seq === seen + 1 && number.epoch >= mark.epoch) {
                applied.push(key)
                watermark.set(op.lane, number)
              }
              if (isUp) outbox.acked({ lane: op.lane, ...number })
            }
          }
          taken = frames.length
        }

        for (const what of steps) {
          if (what === 'send') {
            const lane = sent % 2 ? 'a' : 'b'
            world.outbox.add(operation(`k${sent++}`, { lane }))
          } else if (what === 'connect' && !isUp) {
            isUp = true
            world.outbox.connected({ ...GRANT, window: 3 })
          } else if (what === 'cut' && isUp) {
            isUp = false
            world.outbox.disconnected()
          } else if (what === 'answer') answer()
          else if (what === 'restart') {
            const operations = [...world.disk.values()].sort((x, y) => x.n - y.n)
            world = setUp({ operations, incarnation: ++incarnation })
            isUp = false
            taken = 0
          }
          await settled()
        }
        if (!isUp) world.outbox.connected(GRANT)
        isUp = true
        for (let i = 0; i < 60; i++) {
          await settled()
          answer()
        }
        const byLane = (rest: number): string[] =>
          Array.from({ length: sent }, (_, i) => i)
            .filter((i) => i % 2 === rest)
            .map((i) => `k${i}`)
        expect(applied.filter((key) => Number(key.slice(1)) % 2 === 0)).toEqual(byLane(0))
        expect(applied.filter((key) => Number(key.slice(1)) % 2 === 1)).toEqual(byLane(1))
        expect(world.outbox.queued).toBe(0)
        expect(world.disk.size).toBe(0)
      }),
      { numRuns: 200 },
    )
  })
})

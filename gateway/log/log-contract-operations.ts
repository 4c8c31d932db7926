/**
 * Owns the part of the log's contract that is about operations: numbers, keys, answers (P3, P4).
 * Called by log-contract.ts.
 */
import { expect, test } from 'vitest'
import type { Log } from './log.js'
import { author, everything, NOTHING, REFUSES, says } from './log-contract-fixtures.js'

export function checkOperations(log: () => Log): void {
  test('[P3] [F29] [G16] applies an operation once and answers a repeat with the first result', async () => {
    const first = await log().commit(author(1), says('1'))
    const again = await log().commit(author(1), says('1'))
    expect(first.state).toBe('applied')
    expect(again).toEqual({ ...first, state: 'duplicate' })
    expect(await everything(log())).toEqual(['1'])
  })

  test('[P3] recognises repeats that come in the same turn', async () => {
    const all = await Promise.all(
      [1, 2, 1, 2, 3].map((seq) => log().commit(author(seq), says(`${seq}`))),
    )
    expect(all.map(({ state }) => state)).toEqual([
      'applied',
      'applied',
      'duplicate',
      'duplicate',
      'applied',
    ])
    expect(await everything(log())).toEqual(['1', '2', '3'])
  })

  test('[P4] refuses a number that is not the next, and takes it when its turn comes', async () => {
    expect(await log().commit(author(2), says('2'))).toEqual({
      state: 'misnumbered',
      why: 'out-of-order',
      expected: 1,
    })
    await log().commit(author(1), says('1'))
    await log().commit(author(2), says('2'))
    expect(await everything(log())).toEqual(['1', '2'])
  })

  test('[P4] counts every lane and every client by itself', async () => {
    const others = [{ lane: 'other' }, { client: 'bob' }]
    const all = await Promise.all([
      log().commit(author(1), NOTHING),
      ...others.map((other, at) =>
        log().commit(author(1, { ...other, key: `other-${at}` }), NOTHING),
      ),
      log().commit(author(1, { client: 'carol' }), NOTHING),
    ])
    expect(all.map(({ state }) => state)).toEqual(Array(4).fill('applied'))
  })

  test('a larger epoch begins a new count, at the lowest number that the client declares', async () => {
    await log().commit(author(1), says('1'))
    expect(await log().commit(author(2, { epoch: 5 }), NOTHING)).toMatchObject({ expected: 1 })
    const at7 = author(7, { epoch: 5, lowest: 7 })
    expect(await log().commit(at7, says('7'))).toMatchObject({ state: 'applied' })
    expect(await log().lanes('ann', ['lane', 'unknown'])).toEqual([
      { lane: 'lane', epoch: 5, seq: 7 },
    ])
    expect(await log().commit(author(2), says('late'))).toMatchObject({ why: 'stale-epoch' })
    expect(await log().commit(author(1), says('1'))).toMatchObject({ state: 'duplicate' })
  })

  test('[F32] goes on behind a log that was restored from an older copy', async () => {
    await log().commit(author(1), NOTHING)
    expect(await log().commit(author(9, { lowest: 9 }), says('9'))).toMatchObject({
      state: 'applied',
    })
  })

  test('[F32] [G18] recognises by its key an operation that comes under a new number', async () => {
    const first = await log().commit(author(1, { key: 'k' }), says('once'))
    const renumbered = author(1, { epoch: 2, key: 'k' })
    expect(await log().commit(renumbered, says('once'))).toEqual({ ...first, state: 'duplicate' })
    expect(await log().commit(author(2, { epoch: 2 }), says('next'))).toMatchObject({
      state: 'applied',
    })
    expect(await everything(log())).toEqual(['once', 'next'])
  })

  test('[F32] does not take another operation with a used number for a repeat', async () => {
    await log().commit(author(1, { key: 'a' }), says('a'))
    expect(await log().commit(author(1, { key: 'b' }), says('b'))).toMatchObject({
      state: 'misnumbered',
      why: 'number-reused',
    })
  })

  test('[P4] [F32] refuses what follows an operation whose number was used by another', async () => {
    await log().commit(author(1, { key: 'twin' }), says('twin'))
    const all = await Promise.all([
      log().commit(author(1), says('1')),
      log().commit(author(2, { follows: author(1).key }), says('2')),
      log().commit(author(3, { follows: author(2).key }), says('3')),
    ])
    expect(all).toMatchObject([
      { why: 'number-reused' },
      { why: 'out-of-order', expected: 1 },
      { why: 'out-of-order' },
    ])
    expect(await log().find(author(2, { follows: author(1).key }))).toMatchObject({ expected: 1 })
    expect(await log().commit(author(2, { follows: 'twin' }), says('2'))).toMatchObject({
      state: 'applied',
    })
    expect(await everything(log())).toEqual(['twin', '2'])
  })

  test('[F30] a refusal settles its number; the same key may be tried again later', async () => {
    await log().commit(author(1, { key: 'k' }), REFUSES)
    expect(await log().commit(author(1, { key: 'k' }), says('1'))).toEqual({
      state: 'duplicate',
      answer: { ok: false, code: 'no', why: 'because' },
    })
    expect(await log().commit(author(2, { key: 'k' }), says('2'))).toMatchObject({
      state: 'applied',
    })
    expect(await everything(log())).toEqual(['2'])
  })

  test('[F31] a watermark answers a repeat whose answer was forgotten', async () => {
    await log().commit(author(1), says('1'))
    await log().commit(author(2), says('2'))
    await log().forget('ann', 'lane', 1, 2)
    expect(await log().commit(author(1), says('1'))).toEqual({ state: 'duplicate' })
    expect(await log().commit(author(2), says('2'))).toMatchObject({ answer: { ok: true } })
  })

  test('find says what is known and changes nothing', async () => {
    expect(await log().find(author(1))).toBeUndefined()
    const { answer } = (await log().commit(author(1), says('1'))) as { answer: unknown }
    expect(await log().find(author(1))).toEqual({ state: 'duplicate', answer })
    expect(await log().find(author(3))).toMatchObject({ why: 'out-of-order', expected: 2 })
    expect(await log().find(author(2))).toBeUndefined()
  })

  test('one commit appends to several channels, and answers with the last id', async () => {
    const publish = ['a', 'b', 'a'].map((channel) => ({ channel, payload: '0' }))
    const { id } = await log().position('a')
    const settled = await log().commit(author(1), { publish, answer: 'last-id' })
    const head = await log().position('a')
    expect(head.id).not.toBe(id)
    expect(settled).toEqual({
      state: 'applied',
      answer: { ok: true, result: JSON.stringify({ id: head.id }) },
    })
  })
}

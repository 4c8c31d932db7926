/**
 * Owns the part of the log's contract that is about forgetting and about disks put back from a copy:
 * what is no longer known is said to be unknown, never guessed (P3, P5). Called by log-contract.ts.
 */
import { expect, test } from 'vitest'
import type { Log } from './log.js'
import type { LogUnderTest } from './log-contract.js'
import { author, everything, NOTHING, REFUSES, says, start } from './log-contract-fixtures.js'

export interface MemoryCheck {
  subject(): LogUnderTest
  log(): Log
  /** The log that the suite closes in the end. */
  use(log: Log): void
}

export function checkMemory({ subject, log, use }: MemoryCheck): void {
  /** The keep of a log that can be opened later, and the way to do so; undefined: it cannot. */
  function time() {
    const { keep, reopenAfter } = subject()
    if (!keep || !reopenAfter) return undefined
    return {
      ...keep,
      async pass(ms: number): Promise<void> {
        await log().close()
        use(await reopenAfter(ms))
      },
    }
  }

  test('[F31] says how long it remembers keys', () => {
    const { keep } = subject()
    if (keep) expect(log().keysMs).toBe(keep.keysMs)
    expect(log().keysMs ?? 1).toBeGreaterThan(0)
  })

  test('[P5] [F31] a retry after the dedupe window gets its first answer, while its lane is remembered', async () => {
    const then = time()
    if (!then) return
    const first = await log().commit(author(1), says('1'))
    await log().commit(author(2), REFUSES)
    await then.pass(then.keysMs + 1)
    expect(await log().commit(author(1), says('1'))).toEqual({ ...first, state: 'duplicate' })
    expect(await log().commit(author(2), says('2'))).toMatchObject({ answer: { code: 'no' } })
    expect(await log().commit(author(3), says('3'))).toMatchObject({ state: 'applied' })
    expect(await everything(log())).toEqual(['1', '3'])
  })

  test('[P3] [F31] a number whose holder is forgotten is settled all the same, and nobody knows how', async () => {
    const then = time()
    if (!then) return
    for (const seq of [1, 2]) await log().commit(author(seq), says(`${seq}`))
    await log().forget('ann', 'lane', 1, 2)
    await then.pass(then.keysMs + 1)
    expect(await log().find(author(1))).toEqual({ state: 'forgotten' })
    expect(await log().commit(author(1), says('1'))).toEqual({ state: 'forgotten' })
    // Whoever comes with it: not even a stranger is told that it was his.
    expect(await log().commit(author(1, { key: 'x' }), says('x'))).toEqual({ state: 'forgotten' })
    expect(await log().commit(author(2), says('2'))).toMatchObject({ answer: { ok: true } })
    expect(await everything(log())).toEqual(['1', '2'])
  })

  test('[P14] [F31] [G11] answers are kept only for the newest numbers of the newest epoch', async () => {
    const then = time()
    if (!then) return
    await log().commit(author(1, { lane: 'old' }), NOTHING)
    await log().commit(author(1, { lane: 'old', epoch: 2 }), NOTHING)
    const seqs = Array.from({ length: 1_025 }, (_, index) => index + 1)
    await Promise.all(seqs.map((seq) => log().commit(author(seq), NOTHING)))
    await then.pass(then.keysMs + 1)
    expect(await log().find(author(1))).toEqual({ state: 'forgotten' })
    expect(await log().find(author(2))).toMatchObject({ state: 'duplicate', answer: { ok: true } })
    const old = { lane: 'old', key: 'key-1-1' }
    expect(await log().find(author(1, old))).toMatchObject({ why: 'stale-epoch' })
  })

  test('[P14] a lane is forgotten with all that it remembers', async () => {
    const then = time()
    if (!then) return
    await log().commit(author(1), says('1'))
    await then.pass(then.lanesMs + 1)
    expect(await log().lanes('ann', ['lane'])).toEqual([])
    expect(await log().find(author(1))).toBeUndefined()
  })

  test('[F31] [F32] a key that came under a new number is remembered from then on', async () => {
    const then = time()
    if (!then) return
    const first = await log().commit(author(1, { key: 'k' }), says('once'))
    await then.pass(then.keysMs - 1)
    const renumbered = author(1, { epoch: 2, key: 'k' })
    expect(await log().commit(renumbered, says('once'))).toEqual({ ...first, state: 'duplicate' })
    await then.pass(then.keysMs)
    expect(await log().commit(renumbered, says('once'))).toEqual({ ...first, state: 'duplicate' })
    expect(await everything(log())).toEqual(['once'])
  })

  test('[F32] a number that a known key was moved to belongs to that key', async () => {
    await log().commit(author(1, { key: 'k' }), says('once'))
    await log().commit(author(1, { epoch: 2, key: 'k' }), says('once'))
    expect(await log().commit(author(1, { epoch: 2, key: 'other' }), says('x'))).toMatchObject({
      why: 'number-reused',
    })
  })

  test('[P3] [P4] [F32] a log put back from a copy takes what the client says comes next, and nothing else', async () => {
    const { reopen, backup } = subject()
    if (!reopen || !backup) return
    await log().commit(author(1), says('1'))
    await log().commit(author(2), says('2'))
    await log().close()
    const restore = backup()
    use(await reopen())
    for (const seq of [3, 4, 5]) await log().commit(author(seq), says(`${seq}`))
    const ahead = await log().position('board')
    await log().close()
    use(await restore())

    expect(await log().lanes('ann', ['lane'])).toEqual([{ lane: 'lane', epoch: 1, seq: 2 }])
    expect(await log().read('board', ahead, 9)).toMatchObject({ state: 'gap', reason: 'ahead' })
    expect(await log().read('board', start, 9)).toMatchObject({ state: 'events' })
    // It had heard of 4, not of 5, and has sent 6 since.
    expect(await log().commit(author(6), says('6'))).toMatchObject({
      why: 'out-of-order',
      expected: 3,
    })
    expect(await log().commit(author(5, { lowest: 5 }), says('5'))).toMatchObject({
      state: 'applied',
    })
    expect(await log().commit(author(4, { lowest: 5 }), says('4'))).toEqual({ state: 'forgotten' })
    expect(await log().commit(author(2, { lowest: 5 }), says('2'))).toMatchObject({
      state: 'duplicate',
    })
    expect(await everything(log())).toEqual(['1', '2', '5'])
  })

  test('[P3] [F32] a new epoch repairs what a log put back from a copy refuses', async () => {
    const { reopen, backup } = subject()
    if (!reopen || !backup) return
    await log().commit(author(1, { epoch: 3 }), says('1'))
    await log().close()
    const restore = backup()
    use(await reopen())
    await log().commit(author(2, { epoch: 3 }), says('2'))
    await log().close()
    use(await restore())
    const third = author(3, { epoch: 3 })
    expect(await log().commit(third, says('3'))).toMatchObject({ why: 'out-of-order' })
    const again = { ...third, epoch: 4, seq: 1 }
    expect(await log().commit(again, says('3'))).toMatchObject({ state: 'applied' })
    expect(await log().commit(third, says('3'))).toMatchObject({ state: 'duplicate' })
    expect(await log().commit(author(1, { epoch: 3 }), says('1'))).toMatchObject({
      state: 'duplicate',
    })
    expect(await everything(log())).toEqual(['1', '3'])
  })
}

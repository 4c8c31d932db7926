/** What finds no room: who is told, when, and what becomes of it when it is handed over again. */
import { describe, expect, it } from 'vitest'
import { LIFEBOAT } from '../../protocol/lifeboat.js'
import { GRANT, operation, setUp } from '../../testing/outbox-world.js'
import { settled } from '../../testing/virtual-clock.js'

const FULL = { code: 'outbox-full', details: { limit: 'operations' } }
const again = (key: string, more = {}) => operation(key, { again: true, ...more })

/** An outbox in which there is room for one operation, and it is there. */
function full(more: Parameters<typeof setUp>[0] = {}) {
  const world = setUp({ limits: { operations: 1 }, ...more })
  world.outbox.add(operation('first')).catch(() => {})
  return world
}

describe('what is handed over again', () => {
  it('[P4][G102][S153] is let in though the outbox is full, before what is sent after it', async () => {
    const { outbox, transmitted } = full()
    expect(await outbox.add(again('orphan'))).toBeUndefined()
    expect(await outbox.add(operation('late'))).toMatchObject(FULL)
    outbox.connected(GRANT)
    await settled()
    expect(transmitted()).toEqual(['first', 'orphan'])
  })

  it('[P5] makes no room for itself while there is some that is kept for it', async () => {
    const { outbox, outcomes } = full({ limits: { operations: 1, overflow: 'drop-oldest' } })
    expect(await outbox.add(again('orphan'))).toBeUndefined()
    expect(outcomes).toEqual([])
    expect(outbox.queued).toBe(2)
  })

  it('[P14][G105][S153] finds room for as many as lifeboats hold; the next one ends, and is shown', async () => {
    const { outbox, outcomes } = full()
    for (let i = 0; i < LIFEBOAT.operations; i++) void outbox.add(again(`orphan ${i}`))
    expect(outbox.queued).toBe(1 + LIFEBOAT.operations)
    expect(await outbox.add(again('too many'))).toMatchObject(FULL)
    expect(outbox.queued).toBe(1 + LIFEBOAT.operations)
    expect(outcomes).toMatchObject([{ key: 'too many', outcome: 'rejected', error: FULL }])
    expect(outbox.ledger.whole().put).toContainEqual(
      expect.objectContaining({ key: 'too many', state: 'failed' }),
    )
  })

  it('[P14] finds room for as many characters', async () => {
    const { outbox } = setUp({ limits: { bytes: 600_000 } })
    outbox.connected({ ...GRANT, payload: 600_000 })
    const payload = `"${'x'.repeat(599_000)}"`
    for (const key of ['k1', 'k2']) {
      expect(await outbox.add(again(key, { payload }))).toBeUndefined()
    }
    expect(await outbox.add(again('k3', { payload }))).toMatchObject({
      code: 'outbox-full',
      details: { limit: 'bytes' },
    })
  })
})

describe('a refusal for want of room', () => {
  it('[P5][G103][S152] is told when it is on disk', async () => {
    const { outbox, ended, diskAnswers } = full({ isDiskInstant: false })
    const told: unknown[] = []
    void outbox.add(operation('refused')).then((error) => told.push(error))
    await settled()
    expect(told).toEqual([])
    await diskAnswers()
    expect(told).toMatchObject([FULL])
    expect([...ended.keys()]).toEqual(['refused'])
  })

  it('[P5][G104][S154] stands: who finds the operation in the lifeboat does not begin it', async () => {
    const { outbox, outcomes, transmitted } = full()
    await outbox.add(operation('refused'))
    expect(outcomes).toEqual([])
    outbox.discard(operation('first').key)
    expect(await outbox.add(again('refused'))).toMatchObject(FULL)
    outbox.connected(GRANT)
    await settled()
    expect(transmitted()).toEqual([])
    expect(outbox.ledger.whole().put).toMatchObject([
      { key: 'refused', state: 'failed', outcome: 'rejected', error: FULL },
    ])
  })

  it('[P5] stands when the next broker is asked', async () => {
    const first = full()
    await first.outbox.add(operation('refused'))
    const next = setUp({ incarnation: 2, past: [...first.ended.values()] })
    next.outbox.connected(GRANT)
    expect(await next.outbox.add(again('refused'))).toMatchObject(FULL)
    expect(next.transmitted()).toEqual([])
  })

  it('[P2] that no disk has come to know binds no other broker', async () => {
    const first = full({ isDiskInstant: false })
    void first.outbox.add(operation('refused'))
    await settled()
    const next = setUp({ incarnation: 2, past: [...first.ended.values()] })
    expect(await next.outbox.add(again('refused'))).toBeUndefined()
  })

  it('[P5] is told by nobody who has lost the line before the disk knew', async () => {
    const { outbox, diskFails } = full({ isDiskInstant: false })
    const told: unknown[] = []
    void outbox.add(operation('refused')).then((error) => told.push(error))
    outbox.close()
    await diskFails()
    expect(told).toEqual([])
  })

  it('[P5] is told where there is no disk', async () => {
    const { outbox, diskFails } = full({ isDiskInstant: false })
    const told = outbox.add(operation('refused'))
    await diskFails()
    expect(await told).toMatchObject(FULL)
  })

  it('is over when its sender begins anew under the same key', async () => {
    const { outbox, transmitted } = full()
    await outbox.add(operation('refused'))
    outbox.discard(operation('first').key)
    expect(await outbox.add(operation('refused'))).toBeUndefined()
    outbox.connected(GRANT)
    await settled()
    expect(transmitted()).toEqual(['refused'])
  })
})

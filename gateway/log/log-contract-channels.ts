/**
 * Owns the part of the log's contract that is about channels: pages, gaps, followers (P6). Called by
 * log-contract.ts.
 */
import { expect, test } from 'vitest'
import type { EventId } from '../../protocol/ids.js'
import type { Log, Stretch } from './log.js'
import { author, everything, payloadsOf, says, start } from './log-contract-fixtures.js'

export function checkChannels(log: () => Log): void {
  test('a failing commit takes none of its neighbours with it', async () => {
    const results = await Promise.allSettled([
      log().commit(author(1), says('1')),
      log().append('a\ud800', '0'),
      log().commit(author(2), says('2', '"\ud800"')),
      log().append('a\0b', '0'),
      log().commit(author(2), says('2')),
      log().append('board', '3'),
    ])
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'rejected',
      'fulfilled',
      'fulfilled',
    ])
    expect(await everything(log())).toEqual(['1', '2', '3'])
  })

  test('[P6] reads pages that join without a hole', async () => {
    await Promise.all([...Array(25).keys()].map((n) => log().append('board', `${n}`)))
    const read: string[] = []
    let from: { id: EventId } = start
    for (;;) {
      const page = await log().read('board', from, 10)
      if (page.state === 'gap') throw new Error(page.reason)
      if (from.id !== '') expect(page.after).toBe(from.id)
      if (!page.events.length) break
      read.push(...payloadsOf(page))
      from = { id: page.events.at(-1)?.[0] as EventId }
    }
    expect(read).toEqual([...Array(25).keys()].map(String))
  })

  test('[F37] a channel that never spoke has a position, and is resumed from it', async () => {
    const position = await log().position('quiet')
    expect(await log().read('quiet', position, 10)).toMatchObject({ state: 'events', events: [] })
    expect(await log().tail('quiet', 10)).toMatchObject({ after: position.id, events: [] })
    const id = await log().append('quiet', '1')
    expect(await log().read('quiet', position, 10)).toMatchObject({ events: [[id, '1']] })
  })

  test('[P6] names the gap: trimmed, ahead, another epoch', async () => {
    const ids = await Promise.all([1, 2, 3, 4].map((n) => log().append('board', `${n}`)))
    const [one, two, , four] = ids as [EventId, EventId, EventId, EventId]
    await log().trim('board', 2)
    const head = await log().position('board')
    expect(head.id).toBe(four)
    expect(await log().read('board', { id: one }, 9)).toEqual({
      state: 'gap',
      reason: 'trimmed',
      head,
    })
    expect(payloadsOf(await log().read('board', { id: two }, 9))).toEqual(['3', '4'])
    await log().trim('board', 0)
    expect(await log().read('board', head, 9)).toMatchObject({ state: 'events', events: [] })
    expect(await log().read('other', { id: four }, 9)).toMatchObject({ reason: 'ahead' })
    const nonsense = { id: 'x'.repeat(256) as EventId }
    expect(await log().read('board', nonsense, 9)).toMatchObject({ state: 'gap' })
  })

  test('[F39] an id under another epoch is a gap, though the id exists', async () => {
    const id = await log().append('board', '1')
    const cursor = { epoch: 'another' as never, id }
    expect(await log().read('board', cursor, 9)).toMatchObject({ state: 'gap', reason: 'epoch' })
  })

  test('the tail is the newest events and joins what follows', async () => {
    for (const n of [1, 2, 3]) await log().append('board', `${n}`)
    const tail = await log().tail('board', 2)
    expect(tail.events.map(([, payload]) => payload)).toEqual(['2', '3'])
    expect(payloadsOf(await log().read('board', { id: tail.after }, 9))).toEqual(['2', '3'])
  })

  test('[P6] a follower hears each event once, in order, without a hole, before its commit resolves', async () => {
    const heard: Stretch[] = []
    const stop = await log().follow('board', (stretch) => heard.push(stretch))
    await Promise.all([
      log().append('board', '1'),
      log().append('other', '9'),
      log().append('board', '2'),
    ])
    await log().append('board', '3')
    stop()
    await log().append('board', '4')
    const events = heard.flatMap((stretch) => stretch.events)
    expect(events.map(([, payload]) => payload)).toEqual(['1', '2', '3'])
    let after = heard[0]?.after
    for (const stretch of heard) {
      expect(stretch.after).toBe(after)
      after = stretch.events.at(-1)?.[0]
    }
  })
}

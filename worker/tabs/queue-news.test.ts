import { expect, it } from 'vitest'
import type { News } from '../../protocol/port.js'
import { queueNews, SIGNALS_KEPT } from './queue-news.js'

const signal = (payload: string): News => ({ kind: 'signal', channel: 'board', payload })
const member = (name: string, state = '1') => ({ member: name, state, isSelf: false })
const presence = (
  whole: boolean,
  names: string[],
  left: string[] = [],
  channel = 'board',
): News => {
  const members = names.map((text) => member(...(text.split('=') as [string, string])))
  return { kind: 'presence', channel, whole, members, left }
}
const other: News = { kind: 'signed-out' }

const queued = (...pieces: News[]): News[] =>
  pieces.reduce((queue, piece) => queueNews(queue, piece), [] as News[])

it('[P14] spares a slow tab the oldest signals', () => {
  const signals = Array.from({ length: SIGNALS_KEPT + 50 }, (_, i) => signal(String(i)))
  const queue = queued(other, ...signals)
  expect(queue).toHaveLength(SIGNALS_KEPT + 1)
  expect(queue[0]).toBe(other)
  expect(queue.at(1)).toEqual(signal('50'))
  expect(queue.at(-1)).toEqual(signals.at(-1))
})

it('[P14] tells a slow tab of the presence of a channel once, and where it ends', () => {
  const elsewhere = presence(false, ['x=1'], [], 'elsewhere')
  expect(
    queued(
      presence(true, ['a=1', 'b=1']),
      elsewhere,
      presence(false, ['b=2', 'c=1'], ['a']),
      presence(false, ['a=3'], ['c', 'd']),
    ),
  ).toEqual([elsewhere, presence(true, ['b=2', 'a=3'], ['c', 'd'])])
  expect(queued(presence(false, ['a=1'], ['b']), presence(true, ['c=1']))).toEqual([
    presence(true, ['c=1']),
  ])
  expect(queued(presence(false, [], ['a']), presence(false, ['a=1']))).toEqual([
    presence(false, ['a=1']),
  ])
})

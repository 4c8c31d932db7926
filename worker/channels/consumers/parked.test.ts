import { expect, it } from 'vitest'
import { at } from '../../../testing/channels-world.js'
import { FAILED } from '../../../testing/consumers-world.js'
import { createParkedEvents } from './parked.js'

const event = (id: number) => {
  const cursor = at(String(id))
  return { channel: 'news', name: 'c', cursor, payload: '1', error: FAILED, attempts: 1, at: 0 }
}

it('[P8][P14] an event that fails once more stays, also where a disk brought more than there is room for', () => {
  const first = createParkedEvents([], () => {})
  const one = Array.from({ length: 1_000 }, (_, id) => first.put(event(id)) && id)
  const other = createParkedEvents([], () => {})
  for (const id of one) other.put({ ...event(id), name: 'd' })
  const told: unknown[] = []
  const both = createParkedEvents([...first.all(), ...other.all()], (news) => told.push(news))
  const [oldest] = both.all()
  const changes = both.put({ ...event(0), attempts: 2 })
  expect(both.get(oldest?.key ?? '')).toMatchObject({ attempts: 2, n: oldest?.n })
  expect([...both.all()]).toHaveLength(1_000)
  expect(changes).not.toContainEqual({ type: 'delete-parked', key: oldest?.key })
  expect(told).toHaveLength(1)
})

it('[P14][G90] the oldest goes when payloads are longer than 4 Mi characters together', () => {
  const parked = createParkedEvents([], () => {})
  const half = 'x'.repeat(2 * 1024 * 1024)
  const left = () => [...parked.all()].map(({ cursor }) => cursor.id)
  for (const id of [1, 2]) parked.put({ ...event(id), payload: half })
  expect(left()).toEqual(['1', '2'])
  parked.put({ ...event(3), payload: '1' })
  expect(left()).toEqual(['2', '3'])
  parked.put({ ...event(4), payload: half + half + half })
  expect(left()).toEqual(['4'])
})

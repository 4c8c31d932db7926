import type { Status } from 'partyline'
import { describe, expect, it } from 'vitest'
import type { Card } from '../../shared/board.js'
import { describeCommand } from '../board/describe-command.js'
import { createUsers } from '../users.js'
import { hueOf, initialsOf } from './avatar.js'
import { changeOf } from './card-dialog.js'
import { titleOf } from './page-header.js'
import { sparklinePoints } from './sparkline.js'
import {
  agoWords,
  cureOf,
  latencyWords,
  memoryWords,
  queuedWords,
  storageWords,
  toneOf,
} from './status-words.js'
import { nextTheme } from './theme.js'

const facts = { queued: 0, tabs: 1, host: 'shared-worker', storage: 'disk' } as const
const online: Status = { ...facts, state: 'online', latency: 4.26, latencies: [4.26] }
const away: Status = {
  ...facts,
  state: 'reconnecting',
  attempt: 2,
  retryAt: 5000,
  cause: 'network',
}
const old: Status = { ...facts, state: 'stopped', cause: 'superseded' }

describe('the words about the line', () => {
  it('[P9] tell each state by tone and by what can be done about it', () => {
    expect([online, away, old].map(toneOf)).toEqual(['good', 'busy', 'bad'])
    expect([online, away, old].map(cureOf)).toEqual([undefined, 'try-now', 'reload'])
    const offline = { ...facts, state: 'offline', cause: 'paused' } as const
    expect(cureOf({ ...offline, reasons: ['hidden', 'user'] })).toBe('go-on')
    expect(cureOf({ ...offline, reasons: ['hidden'] })).toBe('try-now')
  })

  it('say what is measured and never what is not', () => {
    expect(latencyWords(online)).toBe('4.3 ms')
    expect(latencyWords({ ...online, latency: 120.4 })).toBe('120 ms')
    expect(latencyWords(away)).toBe('–')
    expect(queuedWords(0)).toBe('Nothing waiting')
  })

  it('[P9] say why what waits is not on disk, and what that asks of a person', () => {
    expect(memoryWords({ storage: 'disk' })).toBeUndefined()
    const quota = { code: 'quota', details: { reason: 'x' }, message: 'x' } as const
    const none = { code: 'no-storage', details: { reason: 'x' }, message: 'x' } as const
    expect(memoryWords({ storage: 'memory', storageError: quota })).toMatch(/^The disk is full/)
    expect(memoryWords({ storage: 'memory', storageError: none })).toMatch(/^This browser/)
    expect(memoryWords({ storage: 'memory' })).toContain('Leave a tab open')
    expect(storageWords({ storage: 'memory' })).toBe('In memory only')
  })

  it('tell ages in round numbers, also when the clock went backwards', () => {
    const minute = 60_000
    expect([-minute, 1000, 42_000, 5 * minute, 300 * minute, 9000 * minute].map(agoWords)).toEqual([
      'just now',
      'just now',
      '42 s ago',
      '5 min ago',
      '5 h ago',
      '6 days ago',
    ])
  })

  it('draw a curve that ends at the right and stays inside', () => {
    const points = sparklinePoints(Array.from({ length: 30 }, (_, at) => at))
    expect(points).toHaveLength(20)
    expect(points.at(-1)?.[0]).toBe(157)
    for (const [x, y] of points) expect(x >= 0 && y >= 0 && y <= 36).toBe(true)
    expect(sparklinePoints([])).toEqual([])
  })
})

describe('the words about cards and people', () => {
  const card: Card = {
    id: 'a',
    title: 'Tea',
    note: '',
    colour: 'plain',
    assignee: '',
    column: 'todo',
    rank: 'i01',
    by: 'Ada',
    at: 1,
  }

  it('name a command by the card that it is about, also when that is gone', () => {
    const move = {
      type: 'card.move',
      payload: { card: 'a', column: 'done', rank: 'i01' },
    } as const
    expect(describeCommand(move, { a: card })).toBe('Move “Tea” to Done')
    expect(describeCommand(move, {})).toBe('Move “a card that is gone” to Done')
  })

  it('tell only the fields that a person changed', () => {
    const same = { title: 'Tea', note: '', assignee: '', colour: 'plain' } as const
    expect(changeOf(card, same)).toBeUndefined()
    expect(changeOf(card, { ...same, note: 'Hot', colour: 'sky' })).toEqual({
      note: 'Hot',
      colour: 'sky',
    })
    expect(changeOf({ ...card, note: 'Hot' }, same)).toEqual({ note: '' })
  })

  it('make initials of any name, and one colour of each', () => {
    expect(['Ada Lovelace', 'Ben', '  émile  zola ', '李 小龍', '🦊'].map(initialsOf)).toEqual([
      'AL',
      'B',
      'ÉZ',
      '李小',
      '🦊',
    ])
    expect(hueOf('Ada')).toBe(hueOf('Ada'))
  })

  it('make a title of a board’s address, and go round the themes', () => {
    expect(titleOf('garden-party')).toBe('Garden party')
    expect(nextTheme(nextTheme(nextTheme('auto')))).toBe('auto')
  })
})

describe('the users', () => {
  const shelf = () => {
    const items = new Map<string, string>()
    return {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => void items.set(key, value),
      removeItem: (key: string) => void items.delete(key),
    }
  }

  it('are remembered by the browser, latest first, and each tab has its own', () => {
    const browser = shelf()
    const tab = createUsers(browser, shelf())
    expect(tab.current).toBeUndefined()
    tab.become(' Ada ')
    const other = createUsers(browser, shelf())
    expect(other.current).toEqual({ name: 'Ada' })
    other.become('Ben')
    expect(tab.current).toEqual({ name: 'Ada' })
    expect(tab.known.map(({ name }) => name)).toEqual(['Ben', 'Ada'])
  })

  it('[P13] ask who is here after a sign-out, and offer no name that was to be forgotten', () => {
    const browser = shelf()
    const tab = createUsers(browser, shelf())
    tab.become('Ada')
    tab.leave('Ada')
    expect(tab.current).toBeUndefined()
    expect(createUsers(browser, shelf()).current).toBeUndefined()
    expect(tab.known).toEqual([{ name: 'Ada' }])
    tab.become('Ben')
    tab.leave('Ben', { isForgotten: true })
    expect(tab.known).toEqual([{ name: 'Ada' }])
  })

  it('survive a broken list', () => {
    const browser = shelf()
    browser.setItem('party-board:users', '{"no":"list"}')
    expect(createUsers(browser, shelf()).known).toEqual([])
  })
})

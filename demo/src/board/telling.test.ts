/** Proves what is told of an event, to whom, and how often: in the details, as a notice, as a leftover. */
import type {
  Channel,
  ConsumeHandler,
  ConsumeOptions,
  EventHandler,
  SubscribeOptions,
} from 'partyline'
import { describe, expect, it } from 'vitest'
import type { Card } from '../../shared/board.js'
import type { Command } from '../../shared/commands.js'
import { type BoardEvent, happen } from '../../shared/events.js'
import { createNotices, type SystemNotices } from '../notices.js'
import { parkedWords } from '../view/parked-list.js'
import { ACTIVITY_MAX, createActivity } from './activity.js'
import { describeEvent } from './describe-event.js'
import { createNotifier, noticeOf } from './notifier.js'

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
const cards = { a: card }
const did = (command: Command, by = 'Ben'): BoardEvent => happen(command, { key: 'k', by, at: 1 })
const add = (assignee: string): Command => {
  const { title, note, colour, column, rank } = card
  return { type: 'card.add', payload: { card: 'a', title, note, colour, column, rank, assignee } }
}
const give = (assignee: string, title?: string): Command => {
  return { type: 'card.edit', payload: { card: 'a', assignee, ...(title && { title }) } }
}
const move: Command = { type: 'card.move', payload: { card: 'a', column: 'done', rank: 'i01' } }
const remove: Command = { type: 'card.remove', payload: { card: 'a' } }

describe('the notifier', () => {
  it('tells a person of a card that somebody else gives to them, and of nothing else', () => {
    const told = (command: Command, by?: string) => noticeOf(did(command, by), 'Ada', cards)
    expect(told(add('Ada'))).toBe('Ben gave you “Tea”.')
    expect(told(give('Ada'))).toBe('Ben gave you “Tea”.')
    expect(told(give('Ada', 'Green tea'))).toBe('Ben gave you “Green tea”.')
    expect(told(give('Ada'), 'Ada')).toBeUndefined()
    for (const other of [add('Ben'), give(''), move, remove]) expect(told(other)).toBeUndefined()
    expect(noticeOf(did(give('Ada')), 'Ada', {})).toBe('Ben gave you “a card”.')
  })

  it('[P8] consumes under one name in every tab, and fails when nothing was told', () => {
    const offers: { name: string; handler: ConsumeHandler<BoardEvent>; options: ConsumeOptions }[] =
      []
    let stops = 0
    const channel: Pick<Channel<BoardEvent>, 'consume'> = {
      consume(name, handler, options = {}) {
        offers.push({ name, handler, options })
        const stop = (): void => void stops++
        return { channel: 'board/home', name, stop, [Symbol.dispose]: stop }
      },
    }
    const told: string[] = []
    const tell = (text: string): void => {
      if (text.includes('Cake')) throw new Error('no place for it')
      told.push(text)
    }
    const notifier = createNotifier({ channel, me: 'Ada', cards: () => cards, tell })
    expect(offers.map(({ name }) => name)).toEqual(['notifier'])
    const handle = (command: Command): unknown =>
      offers[0]?.handler(did(command), undefined as never)
    handle(give('Ada'))
    handle(move)
    expect(told).toEqual(['Ben gave you “Tea”.'])
    expect(() => handle(give('Ada', 'Cake'))).toThrow('no place for it')
    notifier.close()
    expect(stops).toBe(1)
  })
})

describe('a notice', () => {
  function stage(permission: NotificationPermission, isSeen: boolean) {
    const said: string[] = []
    class System {
      static readonly permission = permission
      static async requestPermission() {
        return permission
      }
      constructor(title: string) {
        said.push(`system: ${title}`)
      }
    }
    const system: SystemNotices = System
    const showInPage = (text: string) => {
      said.push(`page: ${text}`)
      return () => void said.push(`hidden: ${text}`)
    }
    return { said, notices: createNotices({ system, isSeen: () => isSeen, showInPage }) }
  }

  it('goes by the system where it may and nobody looks, else into the page', () => {
    const ways = [stage('granted', false), stage('granted', true), stage('default', false)]
    for (const { notices } of ways) notices.show('Tea')
    expect(ways.map(({ said }) => said)).toEqual([['system: Tea'], ['page: Tea'], ['page: Tea']])
    expect(ways.map(({ notices }) => notices.mayAsk)).toEqual([false, false, true])
    const none = createNotices({
      system: undefined,
      isSeen: () => true,
      showInPage: () => () => {},
    })
    expect(none.mayAsk).toBe(false)
  })

  it('[P13] is not there for whoever sits down next', () => {
    const { said, notices } = stage('denied', true)
    notices.show('Tea')
    notices.clear()
    notices.clear()
    expect(said).toEqual(['page: Tea', 'hidden: Tea'])
  })
})

describe('the activity', () => {
  it('[P7] begins with what is kept, newest first, and has an end', () => {
    let handler: EventHandler<BoardEvent> | undefined
    let given: SubscribeOptions | undefined
    let isStopped = false
    const channel: Pick<Channel<BoardEvent>, 'subscribe'> = {
      subscribe(handle, options) {
        handler = handle
        given = options as SubscribeOptions
        const stop = (): void => {
          isStopped = true
        }
        return { channel: 'board/home', cursor: undefined, stop, [Symbol.dispose]: stop }
      },
    }
    const activity = createActivity(channel)
    expect(given).toMatchObject({ history: ACTIVITY_MAX })
    const all = Array.from({ length: ACTIVITY_MAX + 2 }, (_, index) => did(move, `${index}`))
    for (const event of all) handler?.(event, undefined as never)
    expect(activity.value).toEqual(all.reverse().slice(0, ACTIVITY_MAX))
    given?.onGap?.(undefined as never)
    expect(activity.value).toEqual([])
    activity.close()
    expect(isStopped).toBe(true)
  })

  it('has words for everything that happens, also to cards that are gone', () => {
    const words = [add(''), move, give('Ada'), give('Ada', 'Green tea'), remove].map((command) =>
      describeEvent(did(command), cards),
    )
    expect(words).toEqual([
      'added “Tea” to To do',
      'moved “Tea” to Done',
      'edited “Tea”',
      'edited “Green tea”',
      'removed a card',
    ])
    expect(describeEvent(did(move), {})).toBe('moved “a card that is gone” to Done')
    const newer = { ...did(move), type: 'card.folded' } as unknown as BoardEvent
    expect(describeEvent(newer, cards)).toBe('did something new')
  })

  it('[P8] has words for what lies parked, whatever it is', () => {
    expect(parkedWords(JSON.stringify(did(give('Ada'))), cards)).toBe('Ben edited “Tea”')
    expect(parkedWords('no JSON', cards)).toBe('Something that nobody can read')
    expect(parkedWords('null', cards)).toBe('Something that nobody can read')
  })
})

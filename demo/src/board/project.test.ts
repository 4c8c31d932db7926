import { describe, expect, it } from 'vitest'
import { EMPTY_BOARD } from '../../shared/board.js'
import type { Command } from '../../shared/commands.js'
import { happen } from '../../shared/events.js'
import { fold } from '../../shared/fold.js'
import { commandOf, droppedIn, queuedFor } from './outbox-entries.js'
import { project } from './project.js'

const add = (card: string, title = card): Command => ({
  type: 'card.add',
  payload: {
    card,
    title,
    note: '',
    colour: 'plain',
    assignee: '',
    column: 'todo',
    rank: 'i01',
  },
})
const move = (card: string, column: 'doing' | 'done'): Command => ({
  type: 'card.move',
  payload: { card, column, rank: 'i01' },
})
const queued = (key: string, command: Command) => ({ key, command, createdAt: 7 })
const told = (...commands: [string, Command][]) =>
  commands.reduce(
    (board, [key, command]) => fold(board, happen(command, { key, by: 'Ben', at: 1 })),
    EMPTY_BOARD,
  )

describe('project', () => {
  it('shows what waits over what is confirmed, and says which cards wait', () => {
    const view = project(
      told(['k1', add('a')]),
      [queued('k2', move('a', 'doing')), queued('k3', add('b'))],
      'Ada',
    )
    expect(view.columns.doing.map(({ id }) => id)).toEqual(['a'])
    expect(view.columns.todo).toMatchObject([{ id: 'b', by: 'Ada', at: 7 }])
    expect(view.waiting).toEqual(new Set(['a', 'b']))
  })

  it('[P3] does not apply again what is already part of the confirmed state', () => {
    const board = told(['k1', add('a')], ['k2', move('a', 'doing')], ['k3', move('a', 'done')])
    const view = project(board, [queued('k2', move('a', 'doing'))], 'Ada')
    expect(view.columns.done.map(({ id }) => id)).toEqual(['a'])
    expect(view.waiting.size).toBe(0)
  })

  it('shows nothing for a command that has lost its card', () => {
    const view = project(EMPTY_BOARD, [queued('k1', move('gone', 'done'))], 'Ada')
    expect(view.columns.done).toEqual([])
    expect(view.waiting.size).toBe(0)
  })
})

describe('the outbox as commands', () => {
  type Entry = Parameters<typeof queuedFor>[1][number]
  const entry = (key: string, fields: Partial<Entry>): Entry => ({
    key: key as Entry['key'],
    lane: 'board/home',
    type: 'card.remove',
    payload: '{"card":"a"}',
    n: 1,
    createdAt: 1,
    attempts: 0,
    state: 'queued',
    ...fields,
  })

  it('takes what waits for this board, and leaves aside other lanes and what failed or was withdrawn', () => {
    const entries = [
      entry('1', {}),
      entry('2', { lane: 'board/other' }),
      entry('3', { state: 'failed' }),
      entry('4', { state: 'sent' }),
      entry('5', { state: 'withdrawn' }),
    ]
    expect(queuedFor('home', entries).map(({ key }) => key)).toEqual(['1', '4'])
    expect(droppedIn(entries)).toEqual(['3', '5'])
  })

  it('survives an entry that it cannot read', () => {
    expect(commandOf(entry('1', { payload: '{' }))).toBeUndefined()
    expect(commandOf(entry('1', { type: 'something.else' }))).toBeUndefined()
  })
})

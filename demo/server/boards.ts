/**
 * Owns all boards that somebody has asked for, by name, and turns commands into operations of the
 * gateway. What a handler returns is committed together with the operation's number, so that a
 * command travels many times and takes effect once (P3).
 */
import { type Log, type Operation, Refusal } from 'partyline/gateway'
import { RING } from '../shared/bell.js'
import { BOARD_PATTERN, COMMAND_TYPES, channelOf, readCommand } from '../shared/commands.js'
import { ring } from './bell.js'
import { createLiveBoard, type LiveBoard } from './live-board.js'

export interface Boards {
  /** Undefined: no board can have that name. */
  find(name: string): LiveBoard | undefined
  readonly operations: Readonly<Record<string, Operation>>
  close(): void
}

export interface BoardsOptions {
  readonly log: Pick<Log, 'read' | 'position' | 'follow'>
  readonly now: () => number
}

const PREFIX = channelOf('')

/** The board of a channel or lane; undefined: it is not a board's. */
export function boardOf(channel: string): string | undefined {
  const name = channel.startsWith(PREFIX) ? channel.slice(PREFIX.length) : ''
  return BOARD_PATTERN.test(name) ? name : undefined
}

export function createBoards({ log, now }: BoardsOptions): Boards {
  const boards = new Map<string, LiveBoard>()

  function find(name: string): LiveBoard | undefined {
    if (!BOARD_PATTERN.test(name)) return undefined
    const known = boards.get(name)
    if (known) return known
    const board = createLiveBoard({ channel: channelOf(name), log, now })
    boards.set(name, board)
    return board
  }

  const operate: Operation = async (payload, { type, lane, key, identity }) => {
    const reading = readCommand(type, payload)
    if (!reading.ok) throw new Refusal('bad-command', reading.problem)
    const board = find(boardOf(lane) ?? '')
    if (!board) throw new Refusal('no-board', 'There is no such board.')
    const verdict = await board.decide(reading.command, { key, name: identity })
    switch (verdict.verdict) {
      case 'granted':
        return { publish: [{ channel: lane, payload: verdict.event }] }
      case 'done':
        return undefined
      case 'refused':
        throw new Refusal(verdict.code, verdict.why)
    }
  }

  return {
    find,
    operations: {
      ...Object.fromEntries(COMMAND_TYPES.map((type) => [type, operate])),
      [RING]: ring,
    },
    close() {
      for (const board of boards.values()) board.close()
      boards.clear()
    },
  }
}

/**
 * Owns the cards that an empty board offers to begin with. They are sent like any others.
 */
import type { Colour, ColumnId } from '../../shared/board.js'

export interface SampleCard {
  readonly title: string
  readonly note: string
  readonly colour: Colour
  readonly column: ColumnId
  readonly isMine?: boolean
}

export const SAMPLE_CARDS: readonly SampleCard[] = [
  {
    title: 'Open this board in ten tabs',
    note: 'Look at the wire at the foot of the page: ten tabs, one line.',
    colour: 'sky',
    column: 'todo',
  },
  {
    title: 'Stop the server and go on working',
    note: 'What you do waits in the outbox, on disk. Start the server again and watch it go.',
    colour: 'amber',
    column: 'todo',
  },
  {
    title: 'Go offline, add a card, close all tabs',
    note: '',
    colour: 'plain',
    column: 'todo',
  },
  {
    title: 'Move a card with Alt and the arrow keys',
    note: 'Press ? for all keys.',
    colour: 'plum',
    column: 'doing',
    isMine: true,
  },
  { title: 'Read what is on this board', note: '', colour: 'moss', column: 'done', isMine: true },
]

/**
 * Owns the stages of an operation's life at which a session cuts, and what a cut can be. Shared by the
 * plan, the worker that is aimed with, and the server that is told. Plain data.
 */
export const STAGES = [
  /** The disk has not been asked yet. */
  'before-write',
  /** The transaction has been begun and not been awaited. */
  'while-writing',
  /** It is on disk with its number, and not on the wire. */
  'before-send',
  /** It has been given to the socket. */
  'after-send',
  /** The server has settled it; the broker does not know yet. */
  'before-ack',
  /** The broker knows; the disk has not been asked to forget it. */
  'before-delete',
  /** The transaction that forgets it has been begun and not been awaited. */
  'while-deleting',
] as const

export type Stage = (typeof STAGES)[number]

export const CUTS = ['worker-killed', 'socket-cut', 'browser-killed', 'gateway-killed'] as const

export type Cut = (typeof CUTS)[number]

/** When so many operations have come to the stage in one worker's life, the cut is made. */
export interface Aim {
  readonly stage: Stage
  readonly nth: number
  readonly cut: Cut
}

/** An aim that has not been fired; its number is how it is reported. */
export interface NumberedAim extends Aim {
  readonly number: number
}

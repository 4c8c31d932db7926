/**
 * Owns the order of cards: a rank is a text, and between any two ranks there is another one, so that
 * moving a card changes that card alone and two people may reorder a column while both are offline.
 *
 * Pure: the caller brings the randomness. Two people who drop a card in the same gap get different
 * ranks almost always; whoever sorts breaks the remaining tie by card id.
 */
const WIDTH = 3
const BASE = 36 ** WIDTH
/** Cards at an end step a little way, so that ranks stay short where most cards are added. */
const STEP = 32

/** What a rank looks like: whole digits of three characters, the last of them not zero. */
export const RANK_PATTERN = /^(?!(?:...)*000$)(?:[0-9a-z]{3}){1,40}$/

/**
 * A rank above `low` and below `high`; undefined is the end of the column. `roll` is in 0–1. Bounds
 * that are not in order (a tie) leave only the lower one.
 */
export function rankBetween(
  low: string | undefined,
  high: string | undefined,
  roll: number,
): string {
  const floor = low ?? ''
  const ceiling = high !== undefined && floor < high ? high : undefined
  let isBounded = ceiling !== undefined
  let rank = ''
  for (let at = 0; ; at += WIDTH) {
    const below = digit(floor, at)
    const above = isBounded ? digit(ceiling ?? '', at) : BASE
    const room = above - below - 1
    if (room > 0) {
      if (!isBounded && at < floor.length) return rank + text(below + 1 + pick(room, roll))
      if (isBounded && low === undefined) return rank + text(above - 1 - pick(room, roll))
      return rank + text(below + 1 + Math.floor(room * (0.25 + roll / 2)))
    }
    rank += text(below)
    // One step apart: all that follows `below` lies under the ceiling.
    if (above > below) isBounded = false
  }
}

const digit = (rank: string, at: number): number =>
  at < rank.length ? Number.parseInt(rank.slice(at, at + WIDTH), 36) : 0

const text = (value: number): string => value.toString(36).padStart(WIDTH, '0')

const pick = (room: number, roll: number): number => Math.floor(Math.min(room, STEP) * roll)

/**
 * Owns who goes first of two brokers of one line (F8): the later generation, because somebody found
 * the earlier one silent; then the later contract, then the later release. Pure. Between equals there
 * is no order, and whoever has the line keeps it.
 */
import type { Version } from '../protocol/version.js'

export interface Rank extends Version {
  readonly generation: number
}

/** Above zero: the first of the two goes first. */
export const compareRanks = (one: Rank, other: Rank): number =>
  one.generation - other.generation || one.contract - other.contract || one.release - other.release

/**
 * Owns the geometry of a drop: which column the pointer is over, and before which card. Pure, so
 * that it can be tested without a page.
 */
import type { ColumnId } from '../../shared/board.js'

export interface ColumnBox {
  readonly column: ColumnId
  readonly left: number
  readonly right: number
  /** The vertical middles of its cards from top to bottom, without the dragged one. */
  readonly middles: readonly number[]
}

export interface Drop {
  readonly column: ColumnId
  readonly index: number
}

/** The nearest column wins, so that a drop between or beside columns is never lost. */
export function dropTarget(boxes: readonly ColumnBox[], x: number, y: number): Drop | undefined {
  let best: { box: ColumnBox; distance: number } | undefined
  for (const box of boxes) {
    const distance = Math.max(box.left - x, x - box.right, 0)
    if (!best || distance < best.distance) best = { box, distance }
  }
  if (!best) return undefined
  const { column, middles } = best.box
  const index = middles.findIndex((middle) => y < middle)
  return { column, index: index === -1 ? middles.length : index }
}

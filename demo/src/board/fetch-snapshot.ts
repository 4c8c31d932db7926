/**
 * Owns the one HTTP request of the page: the whole board and the position it stands for. Behind a
 * service worker and without a network it is answered with the last one that was seen.
 */

import type { Cursor } from 'partyline'
import { type Snapshot, snapshotPath } from '../../shared/snapshot.js'

export async function fetchSnapshot(board: string, signal: AbortSignal): Promise<Snapshot<Cursor>> {
  const response = await fetch(snapshotPath(board), { signal })
  if (!response.ok) throw new Error(`The board answered ${response.status}.`)
  return (await response.json()) as Snapshot<Cursor>
}

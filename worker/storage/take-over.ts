/**
 * Owns who may have a database (P1, P2): the client and the incarnation written in it are the fence
 * that keeps a broker out which another one has replaced (F10). Pure: the real store and its twin ask
 * the same questions inside their transactions.
 */
import type { ClientId } from '../../protocol/ids.js'
import { Fenced, type StoreRequest } from './store.js'

/** What a database says of itself. */
export interface Owner {
  readonly client: ClientId
  readonly incarnation: number
}

export function takeOver(
  found: Owner | undefined,
  { resume, newClient }: Pick<StoreRequest, 'resume' | 'newClient'>,
): Owner {
  if (!resume) {
    return { client: found?.client ?? newClient(), incarnation: (found?.incarnation ?? 0) + 1 }
  }
  if (found) assertOwner(found, resume)
  return { client: resume.client, incarnation: resume.incarnation }
}

/** The client too: a database that was wiped counts from one again, for somebody else. */
export function assertOwner(found: Owner | undefined, own: Owner): void {
  if (found?.client !== own.client || found.incarnation !== own.incarnation) {
    throw new Fenced('another broker has the database')
  }
}

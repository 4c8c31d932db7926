/**
 * Owns the version numbers of Partyline and nothing else.
 *
 * PROTOCOL counts changes of the wire (broker ↔ gateway); the subprotocol name carries its major part.
 * CONTRACT counts changes of the port (page ↔ worker): a page and a worker with different contracts
 * may meet, because a deployment never reaches all tabs at once (P1, P12).
 * RELEASE is the version of the package as one number, 1.2.3 as 1_002_003: of two workers with one
 * contract the later release goes first (F8).
 */
export const PROTOCOL = 1
export const SUBPROTOCOL = 'partyline.v1'
export const CONTRACT = 1
export const RELEASE = 1_000

/** What a page, or a worker, was built from. */
export interface Version {
  readonly contract: number
  readonly release: number
}

export const VERSION: Version = { contract: CONTRACT, release: RELEASE }

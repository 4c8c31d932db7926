/**
 * Owns the two version numbers of Partyline and nothing else.
 *
 * PROTOCOL counts changes of the wire (broker ↔ gateway); the subprotocol name carries its major part.
 * CONTRACT counts changes of the port (page ↔ worker): a page and a worker with different contracts
 * may meet, because a deployment never reaches all tabs at once (P1, P12).
 */
export const PROTOCOL = 1
export const SUBPROTOCOL = 'partyline.v1'
export const CONTRACT = 1

/**
 * Owns how this app asks for its line: the whole set-up of the library is here.
 *
 * Every tab of one user calls this with the same url and identity and so lands in the same worker,
 * on the same socket and the same outbox (P1). Another user gets another line (P13).
 */
import { connect, type Line } from 'partyline'
import type { User } from '../users.js'

export function openLine(user: User): Line {
  return connect({
    url: '/line',
    // The prebuilt worker, served as it is. One address for all tabs and all builds.
    worker: '/partyline/worker.js',
    identity: user.name,
    // A real app returns a session token here. This demo believes the name.
    auth: () => user.name,
    onError: (error) => console.error(error),
  })
}

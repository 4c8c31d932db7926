/**
 * Owns the door of the gateway: while it is closed, whoever comes is sent away with a word, a code, or
 * both, as a server does that is busy, is being replaced, or does not want this client at all. Those
 * who are in already may be sent away too, and of them nothing more is heard.
 */
import type { Socket } from '../../gateway/environment.js'
import type { Connection } from '../../gateway/switchboard.js'

export interface Farewell {
  readonly code: number
  /** Milliseconds before which nobody is to come back, and over which they are to spread. */
  readonly after: number
  readonly spread: number
  /** Says so in a frame; else there is the code alone. */
  readonly isSaid: boolean
}

export interface FrontDoor {
  /** undefined: it is open. */
  farewell: Farewell | undefined
  enter(socket: Socket, connect: (socket: Socket) => Connection): Connection
  /** Sends away those who are in. */
  clear(farewell: Farewell): void
}

const WHY = 'as planned'

export function createFrontDoor(): FrontDoor {
  const guests = new Map<Connection, Socket>()

  function sendAway(socket: Socket, { isSaid, ...farewell }: Farewell): void {
    if (isSaid) socket.send(JSON.stringify([['bye', { ...farewell, why: WHY }]]))
    socket.close(farewell.code, WHY)
  }

  const door: FrontDoor = {
    farewell: undefined,
    enter(socket, connect) {
      if (door.farewell) {
        sendAway(socket, door.farewell)
        return { receive() {}, closed() {} }
      }
      const guest = connect(socket)
      guests.set(guest, socket)
      return {
        receive: (message) => guests.has(guest) && guest.receive(message),
        closed: (code) => guests.delete(guest) && guest.closed(code),
      }
    },
    clear(farewell) {
      for (const [guest, socket] of guests) {
        guests.delete(guest)
        sendAway(socket, farewell)
        guest.closed(farewell.code)
      }
    },
  }
  return door
}

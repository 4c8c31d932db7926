/**
 * Owns who is here: one connection a client, the newest (P1). It remembers a client for a while after
 * it left, so that a session is resumed and the late words of an older connection are recognised.
 *
 * Clients are told apart within an identity: to know another user's client id gives nothing (P13).
 */
import type { Clock, Random } from '../environment.js'

export interface Clients {
  /** Undefined: a newer connection of this client has been here. */
  enter(arrival: Arrival): Place | undefined
  readonly size: number
  close(): void
}

export interface Arrival {
  readonly identity: string
  readonly client: string
  /** Grows with every connection of the client. */
  readonly connection: number
  readonly session: string | undefined
  /** A newer connection has come. */
  readonly onSuperseded: () => void
}

/** A client's place while its connection lasts. */
export interface Place {
  /** The author's name in the log. */
  readonly author: string
  readonly session: string
  /** What others call this client. It tells nobody its name, and stays while it is remembered. */
  readonly member: string
  readonly isResumed: boolean
  /**
   * Runs handlers of one lane one after the other, over all connections of the client: the handler
   * that an older connection left running ends before its repeat begins (P4).
   */
  inLane<Value>(lane: string, run: () => Promise<Value>): Promise<Value>
  /** A handler of that lane runs, on this connection or left by an older one. */
  isBusy(lane: string): boolean
  leave(): void
}

/**
 * Anonymous clients keep their own name as the author's, unless it could be read as the pair that
 * stands for a client of somebody: no name that a client chooses makes it another one.
 */
const authorOf = (identity: string, client: string): string =>
  identity === '' && !client.startsWith('[') ? client : JSON.stringify([identity, client])

interface Known {
  readonly session: string
  readonly member: string
  readonly lanes: Map<string, Promise<unknown>>
  connection: number
  supersede: (() => void) | undefined
  forget: (() => void) | undefined
}

export interface ClientsOptions {
  readonly clock: Clock
  readonly random: Random
  readonly sessionMs: number
  readonly sessions: number
}

export function createClients({ clock, random, sessionMs, sessions }: ClientsOptions): Clients {
  const known = new Map<string, Known>()

  /** While a handler runs its lane must be known: its repeat waits for it. */
  const isInUse = ({ supersede, lanes }: Known): boolean => !!supersede || lanes.size > 0

  function forgetLater(author: string, client: Known): void {
    client.forget = clock.after(sessionMs, () => {
      if (known.get(author) !== client) return
      if (isInUse(client)) forgetLater(author, client)
      else known.delete(author)
    })
  }

  function makeRoom(): void {
    if (known.size < sessions) return
    for (const [author, client] of known) {
      if (isInUse(client)) continue
      client.forget?.()
      known.delete(author)
      return
    }
  }

  function clientOf(
    author: string,
    session: string | undefined,
  ): { client: Known; isResumed: boolean } {
    const client = known.get(author)
    if (client && client.session === session) return { client, isResumed: true }
    if (!client) makeRoom()
    const made: Known = {
      session: random.newId(),
      member: client?.member ?? random.newId(),
      lanes: client?.lanes ?? new Map(),
      connection: client?.connection ?? 0,
      supersede: client?.supersede,
      forget: client?.forget,
    }
    known.delete(author)
    known.set(author, made)
    return { client: made, isResumed: false }
  }

  return {
    enter({ identity, client: name, connection, session, onSuperseded }) {
      const author = authorOf(identity, name)
      const before = known.get(author)
      if (before && connection < before.connection) return undefined
      const { client, isResumed } = clientOf(author, session)
      client.forget?.()
      client.forget = undefined
      client.supersede?.()
      client.supersede = onSuperseded
      client.connection = connection
      return {
        author,
        session: client.session,
        member: client.member,
        isResumed,
        async inLane(lane, run) {
          const turn = (client.lanes.get(lane) ?? Promise.resolve()).then(run, run)
          const tail = turn.then(done, done)
          client.lanes.set(lane, tail)
          function done(): void {
            if (client.lanes.get(lane) === tail) client.lanes.delete(lane)
          }
          return turn
        },
        isBusy: (lane) => client.lanes.has(lane),
        leave() {
          if (client.supersede !== onSuperseded) return
          client.supersede = undefined
          forgetLater(author, client)
        },
      }
    },
    get size() {
      return known.size
    },
    close() {
      for (const client of known.values()) client.forget?.()
      known.clear()
    },
  }
}

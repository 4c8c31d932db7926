/**
 * Owns the openings of one database, and its deletions: one at a time, in the order in which they were
 * asked for. Who wants another version waits until everybody who has the old one was told and let go.
 */
import { Connection } from './connection.js'
import type { DatabaseFile } from './database-file.js'
import type { Obstacle, User } from './engine.js'
import type { OpenRequest } from './request.js'
import { Transaction } from './transaction.js'

export interface Opening {
  readonly user: User
  readonly request: OpenRequest
  /** null: it is to be deleted; undefined: whatever is there. */
  readonly version: number | null | undefined
}

interface Current extends Opening {
  /** Those that were asked to let go and have not heard it yet; undefined: nobody was asked. */
  asked?: Set<Connection>
  isBlocked?: true
}

export function createOpenings(file: DatabaseFile): (opening: Opening) => void {
  const { engine } = file
  const waiting: Current[] = []
  /** By the first of them, until its transaction is over. */
  let upgrading: Connection | undefined

  const look = (): void => engine.work(`opening of ${file.name}`, advance)
  file.onFree = look

  function advance(): void {
    if (upgrading) return maybeEnd(upgrading)
    const first = waiting[0]
    if (!first) return
    const ill = engine.ill('open')
    if (engine.isBuried(first.user)) end()
    else if (ill) refuse(first, ill === 'unsaid' ? new DOMException('', 'UnknownError') : ill)
    else if (first.version === null) {
      if (isFree(first, null)) remove(first)
    } else open(first, first.version ?? Math.max(1, file.version))
  }

  /** Whoever upgrades may have died, or have been cut off, before it heard that it may. */
  const isUpgraded = ({ upgrade, user, isClosing }: Connection): boolean =>
    upgrade ? upgrade.isOver : isClosing || engine.isBuried(user)

  function maybeEnd(database: Connection): void {
    if (!isUpgraded(database)) return
    upgrading = undefined
    end()
  }

  function end(): void {
    waiting.shift()
    if (waiting.length) look()
  }

  function open(first: Current, version: number): void {
    if (version < file.version)
      return refuse(first, new DOMException(`it is of version ${file.version}`, 'VersionError'))
    if (version === file.version) return give(first, new Connection(file, first.user, version))
    if (isFree(first, version)) upgrade(first, version)
  }

  /** Nobody has it; else they are asked, and whoever wants it is told if that was in vain. */
  function isFree(first: Current, newVersion: number | null): boolean {
    const oldVersion = file.version
    const { request, user } = first
    if (!first.asked) {
      const asked = new Set(file.connections)
      first.asked = asked
      for (const connection of asked) {
        engine.tell(connection.user, 'versionchange', () => {
          asked.delete(connection)
          const event = { type: 'versionchange', target: connection, oldVersion, newVersion }
          if (!connection.isClosing) connection.emit(event)
          look()
        })
      }
    }
    if (!file.connections.size) return true
    const isUnheard = [...first.asked].some((one) => file.connections.has(one))
    if (isUnheard || first.isBlocked) return false
    first.isBlocked = true
    const event = { type: 'blocked', target: request, oldVersion, newVersion }
    engine.tell(user, 'blocked', () => request.emit(event))
    return false
  }

  function upgrade({ request, user }: Current, newVersion: number): void {
    const oldVersion = file.version
    const database = new Connection(file, user, newVersion)
    upgrading = database
    engine.tell(user, 'upgradeneeded', () => {
      if (database.isClosing) return fail(request)
      const transaction = new Transaction(database, 'versionchange', database.objectStoreNames)
      database.upgrade = transaction
      file.version = newVersion
      transaction.keep(() => {
        file.version = oldVersion
      })
      request.transaction = transaction
      request.settle(database, null)
      transaction.onOver = (isDone) => {
        request.transaction = null
        const isWanted = isDone && !database.isClosing
        if (!isWanted) database.close()
        if (!isWanted) return fail(request)
        request.settle(database, null)
        request.emit({ type: 'success', target: request })
      }
      request.emit({ type: 'upgradeneeded', target: request, oldVersion, newVersion })
    })
  }

  function give({ user, request }: Current, result: Connection): void {
    engine.tell(user, 'opened', () => {
      request.settle(result, null)
      request.emit({ type: 'success', target: request })
    })
    end()
  }

  function remove({ user, request }: Current): void {
    file.version = 0
    file.shelves.clear()
    engine.tell(user, 'deleted', () => {
      request.settle(undefined, null)
      request.emit({ type: 'success', target: request })
    })
    end()
  }

  function refuse({ user, request }: Current, error: DOMException): void {
    engine.tell(user, 'refused', () => {
      request.settle(undefined, error)
      request.emit({ type: 'error', target: request })
    })
    end()
  }

  const obstacleOf = (database: Connection): Obstacle => ({
    get isOver() {
      return isUpgraded(database)
    },
    stop(reason) {
      if (isUpgraded(database)) return
      database.upgrade?.stop(reason)
      database.abandon()
    },
  })

  return (opening) => {
    waiting.push(opening)
    if (upgrading && !isUpgraded(upgrading)) engine.onHeld(obstacleOf(upgrading))
    look()
  }
}

function fail(request: OpenRequest): void {
  request.settle(undefined, new DOMException('the upgrade was aborted', 'AbortError'))
  request.emit({ type: 'error', target: request })
}

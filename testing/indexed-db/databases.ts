/**
 * Owns all databases of one browser, through the lives of those who use them: each of them has a factory
 * of its own, and what it leaves behind when it dies is cleared away when the browser notices.
 */
import { createDatabaseFile, type DatabaseFile } from './database-file.js'
import { createEngine, type Engine, type EngineOptions, type User } from './engine.js'
import { createOpenings, type Opening } from './opening.js'
import { OpenRequest } from './request.js'

/** What a thread calls `indexedDB`. */
export interface Factory {
  open(name: string, version?: number): OpenRequest
  deleteDatabase(name: string): OpenRequest
}

export interface Databases extends Pick<Engine, 'stall' | 'goOn'> {
  factoryFor(user: User): Factory
  /** Those that there are. */
  readonly names: readonly string[]
  /** Closes every connection from outside. */
  sever(): void
  /** It says and hears nothing more. `isSent`: whether an order to commit left it before. */
  died(user: User, isSent: () => boolean): void
  /** The browser has noticed, and undoes what it had begun. */
  bury(user: User): void
}

interface Kept {
  readonly file: DatabaseFile
  ask(opening: Opening): void
}

export function createDatabases(options: EngineOptions): Databases {
  const engine = createEngine(options)
  const byName = new Map<string, Kept>()
  const files = (): readonly DatabaseFile[] => Array.from(byName.values(), ({ file }) => file)

  function keptAs(name: string): Kept {
    const found = byName.get(name)
    if (found) return found
    const file = createDatabaseFile(name, engine)
    const kept = { file, ask: createOpenings(file) }
    byName.set(name, kept)
    return kept
  }

  function ask(user: User, name: string, version: Opening['version']): OpenRequest {
    const request = new OpenRequest()
    keptAs(name).ask({ user, request, version })
    return request
  }

  return {
    stall: engine.stall,
    goOn: engine.goOn,
    factoryFor: (user) => ({
      open(name, version) {
        if (version !== undefined && version < 1) throw new TypeError('versions begin at one')
        return ask(user, name, version)
      },
      deleteDatabase: (name) => ask(user, name, null),
    }),
    get names() {
      return files()
        .filter(({ version }) => version > 0)
        .map(({ name }) => name)
    },
    sever() {
      for (const { connections } of files()) for (const one of [...connections]) one.sever()
    },
    died(user, isSent) {
      for (const { transactions } of files())
        for (const one of transactions) if (one.db.user === user && !isSent()) one.recall()
    },
    bury(user) {
      engine.bury(user)
      for (const { connections, onFree } of files()) {
        for (const one of [...connections]) if (one.user === user) one.abandon()
        onFree()
      }
    },
  }
}

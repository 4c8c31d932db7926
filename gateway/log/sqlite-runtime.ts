/**
 * Owns the way to SQLite: the runtime's own `node:sqlite` where there is one, else the package
 * `@photostructure/sqlite`, which has the same API and needs no compiler.
 *
 * The few types stand here because the oldest supported runtime's typings do not know the module.
 */
import process from 'node:process'

export type SqlValue = string | number | null

export interface Statement {
  run(...values: readonly SqlValue[]): unknown
  get(...values: readonly SqlValue[]): unknown
  all(...values: readonly SqlValue[]): unknown[]
}

export interface Database {
  exec(sql: string): void
  prepare(sql: string): Statement
  close(): void
}

interface SqliteModule {
  readonly DatabaseSync: new (location: string) => Database
}

export async function openDatabase(location: string): Promise<Database> {
  const { DatabaseSync } = await loadSqlite()
  return new DatabaseSync(location)
}

async function loadSqlite(): Promise<SqliteModule> {
  const builtIn = process.getBuiltinModule?.('node:sqlite')
  if (builtIn) return builtIn as unknown as SqliteModule
  try {
    return (await import('@photostructure/sqlite')) as unknown as SqliteModule
  } catch (cause) {
    throw new Error(
      'No SQLite here: run Node 22.13 or later, or install the package @photostructure/sqlite.',
      { cause },
    )
  }
}

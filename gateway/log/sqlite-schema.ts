/**
 * Owns the tables of the SQLite log and their version. Each entry of MIGRATIONS brings a file one
 * version further; a file that is newer than this code is left alone.
 */
import type { Database } from './sqlite-runtime.js'

const MIGRATIONS: readonly string[] = [
  `CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

   CREATE TABLE channels (
     number INTEGER PRIMARY KEY,
     name TEXT NOT NULL UNIQUE,
     head INTEGER NOT NULL,
     floor INTEGER NOT NULL
   );
   CREATE TABLE events (
     channel INTEGER NOT NULL,
     id INTEGER NOT NULL,
     payload TEXT NOT NULL,
     PRIMARY KEY (channel, id)
   ) WITHOUT ROWID;

   CREATE TABLE lanes (
     number INTEGER PRIMARY KEY,
     client TEXT NOT NULL,
     name TEXT NOT NULL,
     epoch INTEGER NOT NULL,
     seq INTEGER NOT NULL,
     at INTEGER NOT NULL,
     UNIQUE (client, name)
   );
   CREATE TABLE operations (
     client TEXT NOT NULL,
     key TEXT NOT NULL,
     lane INTEGER NOT NULL,
     epoch INTEGER NOT NULL,
     seq INTEGER NOT NULL,
     at INTEGER NOT NULL,
     applied INTEGER NOT NULL,
     answer TEXT,
     PRIMARY KEY (client, key)
   ) WITHOUT ROWID;
   CREATE INDEX operations_by_number ON operations (lane, epoch, seq);`,
]

/** Brings the file up to date and returns its epoch, which is chosen when the file is made. */
export function prepareSchema(db: Database, newEpoch: () => string): string {
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as {
    user_version: number
  }
  if (version > MIGRATIONS.length) {
    throw new Error(`This log has schema ${version}; this version knows ${MIGRATIONS.length}.`)
  }
  db.exec('BEGIN IMMEDIATE')
  try {
    for (const migration of MIGRATIONS.slice(version)) db.exec(migration)
    db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`)
    db.prepare("INSERT OR IGNORE INTO meta VALUES ('epoch', ?)").run(newEpoch())
    db.exec('COMMIT')
  } catch (error) {
    db.exec('ROLLBACK')
    throw error
  }
  const row = db.prepare("SELECT value FROM meta WHERE name = 'epoch'").get() as { value: string }
  return row.value
}

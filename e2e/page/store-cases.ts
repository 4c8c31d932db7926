/**
 * Owns the broker's disk inside a browser: the contract that the memory twin passes in Node, run
 * against the real IndexedDB, and disks that a spec can break. Bundled for the page by the spec.
 */
import type { ErrorInfo } from '../../protocol/errors.js'
import type { ClientId } from '../../protocol/ids.js'
import { openingCases } from '../../testing/indexed-db/contract-openings.js'
import { transactionCases } from '../../testing/indexed-db/contract-transactions.js'
import { type Disk, openDisk } from '../../worker/storage/disk.js'
import { openIdbStore } from '../../worker/storage/idb-store.js'
import type { Change, History, Loaded, StoreRequest } from '../../worker/storage/store.js'
import { operation, type StoreBed } from '../../worker/storage/store-contract-bed.js'
import { channelCases } from '../../worker/storage/store-contract-channels.js'
import { lifeCases } from '../../worker/storage/store-contract-lives.js'
import { recordCases } from '../../worker/storage/store-contract-records.js'
import {
  deleteDatabase,
  dumpDatabase,
  holdDatabase,
  makeDatabase,
  putRaw,
  type RawDatabase,
  rowsOf,
} from './raw-database.js'

type Durability = StoreRequest['durability']

/** What can leave the page. */
export interface Contents extends Omit<Loaded, 'cursors' | 'histories'> {
  readonly cursors: readonly (readonly [channel: string, cursor: unknown])[]
  readonly histories: readonly (readonly [channel: string, history: History])[]
}

export interface StoreCases {
  /** Rejects where the contract is broken. */
  run(title: string, durability: Durability): Promise<void>
  /** What the engine itself says in this case of its contract. */
  hear(title: string): Promise<readonly string[]>
  make(name: string, database: RawDatabase): Promise<void>
  dump(name: string): Promise<RawDatabase>
  delete(name: string): Promise<void>
  /** Somebody else has it open, and does not let go until `release`. */
  hold(name: string, version: number): Promise<void>
  release(): void
  /** Opens a broker's disk; what it says goes to `log`: a code of an error, or a word. */
  open(name: string): Promise<Contents>
  /** Resolves with "durable", or the code of what is in the way. */
  write(key: string, characters?: number): Promise<string>
  /** The broker has no use for this operation any more. */
  forget(key: string): void
  close(): Promise<void>
  readonly log: readonly string[]
  /** How often the disk has been opened, or tried. */
  readonly openings: number
  readonly trouble: ErrorInfo | undefined
}

declare global {
  interface Window {
    readonly storeCases: StoreCases
  }
}

const newClient = () => crypto.randomUUID() as unknown as ClientId
const wall = () => Date.now()

function createBed(line: string, durability: Durability): StoreBed {
  return {
    open: (as) => openIdbStore({ line, durability, newClient, wall, ...as }),
    clear: () => deleteDatabase(line),
    spoil: (shelf, row) => putRaw(line, shelf, row),
    rows: (shelf) => rowsOf(line, shelf),
  }
}

const truth = new Map<string, Change>()
const log: string[] = []
let disk: Disk | undefined
let openings = 0
let release = (): void => {}

const storeCases: StoreCases = {
  async run(title, durability) {
    const found = [...recordCases, ...channelCases, ...lifeCases].find((one) => one.title === title)
    if (!found) throw new Error(`no case "${title}"`)
    await found.run(createBed(title, durability))
  },
  async hear(title) {
    const found = [...transactionCases, ...openingCases].find((one) => one.title === title)
    if (!found) throw new Error(`no case "${title}"`)
    const heard: string[] = []
    await found.run(title, (word) => heard.push(word))
    return heard
  },
  make: makeDatabase,
  dump: dumpDatabase,
  delete: deleteDatabase,
  async hold(name, version) {
    release = await holdDatabase(name, version)
  },
  release: () => release(),
  async open(name) {
    disk = await openDisk({
      open(request) {
        openings += 1
        return openIdbStore(request)
      },
      request: { line: name, durability: 'strict', newClient },
      clock: {
        now: () => performance.now(),
        wall,
        after(ms, run) {
          const timer = setTimeout(run, ms)
          return () => clearTimeout(timer)
        },
      },
      snapshot: () => [...truth.values()],
      onTrouble: (error) => log.push(error ? error.code : 'fine'),
      onFenced: () => log.push('fenced'),
      onFound: () => log.push('found'),
    })
    const { loaded } = disk
    return { ...loaded, cursors: [...loaded.cursors], histories: [...loaded.histories] }
  },
  async write(key, characters = 10) {
    if (!disk) throw new Error('open a disk first')
    const payload = JSON.stringify('x'.repeat(characters))
    const change: Change = { type: 'put-operation', operation: { ...operation(key, 1), payload } }
    truth.set(key, change)
    return disk.write([change]).then(
      () => 'durable',
      (reason: unknown) => (reason instanceof Error ? reason.name : String(reason)),
    )
  },
  forget: (key) => void truth.delete(key),
  close: async () => disk?.close(),
  log,
  get openings() {
    return openings
  },
  get trouble() {
    return disk?.trouble
  },
}

Object.assign(window, { storeCases })

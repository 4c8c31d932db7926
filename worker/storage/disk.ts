/**
 * Owns the disk of a broker through everything that may befall it (P2, P12): it opens it, writes to it,
 * notices that it broke, says so, opens it again and makes it right. It does not know what is written.
 *
 * While it is broken every write is refused and the broker goes on in memory. When it can be opened
 * again one transaction brings it to what the broker knows now; later writes queue behind that one.
 * A disk that could not be opened at the start may hold another life of this broker, so it is only
 * probed, and its owner told that it is worth beginning anew.
 */
import type { ErrorInfo } from '../../protocol/errors.js'
import type { Clock } from '../clock.js'
import { difference } from './difference.js'
import { createGroupCommit, type GroupCommit } from './group-commit.js'
import { createOpener } from './opener.js'
import { createRetry } from './retry.js'
import { storageError } from './storage-error.js'
import type { StoreRequest } from './store.js'
import { type Change, Fenced, type Loaded, type OpenStore, type Store } from './store.js'

export interface DiskOptions {
  /** null: this browser has no IndexedDB. */
  readonly open: OpenStore | null
  readonly request: Pick<StoreRequest, 'line' | 'durability' | 'newClient'>
  readonly clock: Clock
  /** Everything that should be on disk now, as changes to an empty database. */
  snapshot(): readonly Change[]
  /** Nothing is durable any more, and why; undefined: it is again. */
  onTrouble(error: ErrorInfo | undefined): void
  /** Another broker has the database: not a word more. */
  onFenced(): void
  /** The disk that could not be opened at the start can be now; memory goes on until the owner begins anew. */
  onFound(): void
}

export interface Disk {
  readonly loaded: Loaded
  readonly trouble: ErrorInfo | undefined
  /** Resolves when durable; rejects with the reason (see storageError) when not. */
  write(changes: readonly Change[]): Promise<void>
  /** Finishes what is being written, then closes; nothing is tried afterwards. */
  close(): Promise<void>
}

interface Connection {
  readonly store: Store
  readonly commit: GroupCommit
}

export async function openDisk(options: DiskOptions): Promise<Disk> {
  const { open, request, clock } = options
  const nowhere = new Error('this browser has no IndexedDB here')
  const opener = createOpener({
    open: open ?? (() => Promise.reject(nowhere)),
    request,
    clock,
    onSevered: lose,
  })
  const retry = createRetry(clock, () => void reopen())
  let connection: Connection | undefined
  /** Why writes are refused while there is no connection. */
  let reason: unknown
  let trouble: ErrorInfo | undefined
  let isOver = false
  let closing: Promise<void> | undefined

  function connect(store: Store): GroupCommit {
    const commit = createGroupCommit(store, clock, (why) => lose(store, why))
    connection = { store, commit }
    return commit
  }

  /** What a connection says that was given up already is of no interest. */
  function lose(store: Store, why: unknown): void {
    if (connection?.store !== store) return
    connection = undefined
    store.close()
    failed(why)
    if (!isOver) retry.later(clock.now())
  }

  function failed(why: unknown): void {
    reason = why
    if (why instanceof Fenced) {
      isOver = true
      return options.onFenced()
    }
    const error = storageError(why)
    if (error.message === trouble?.message) return
    trouble = error
    options.onTrouble(error)
  }

  async function reopen(): Promise<void> {
    const asked = clock.now()
    let store: Store
    try {
      store = await opener.open(isOurs ? { resume: loaded } : { probe: true })
    } catch (why) {
      if (isOver) return
      failed(why)
      await opener.answered()
      if (!isOver) retry.later(asked)
      return
    }
    if (isOver) store.close()
    else if (isOurs) await mend(store)
    else {
      store.close()
      options.onFound()
    }
  }

  /**
   * A write that timed out may still take effect. Engines run overlapping transactions in the order in
   * which they were made, over all connections: what the old connection began is done, or undone for
   * good, before the new one reads what is there, or else that reading times out too. So the difference
   * is one from the truth, and nothing old can land on top of it.
   *
   * It is computed in the turn in which writes are accepted again: what is asked for later stands
   * behind it, what was refused before is in it.
   */
  async function mend(store: Store): Promise<void> {
    const commit = connect(store)
    try {
      await commit.write(difference(store.loaded, options.snapshot()))
    } catch {
      // `lose` has heard of it.
      return
    }
    if (connection?.store !== store) return
    retry.reset()
    trouble = undefined
    options.onTrouble(undefined)
  }

  async function begin(): Promise<Loaded | undefined> {
    const asked = clock.now()
    try {
      const store = await opener.open()
      connect(store)
      return store.loaded
    } catch (why) {
      reason = why
      trouble = storageError(why)
      const tryLater = (): void => {
        if (open && !isOver) retry.later(asked)
      }
      void opener.answered().then(tryLater)
      return undefined
    }
  }

  async function end(): Promise<void> {
    isOver = true
    retry.close()
    opener.close()
    const last = connection
    connection = undefined
    reason = new Error('the disk is closed')
    // Each write has a deadline, and after the first that fails the rest are refused: this ends.
    await last?.commit.idle()
    last?.store.close()
  }

  const found = await begin()
  const isOurs = found !== undefined
  const loaded = found ?? blank(request.newClient())

  return {
    loaded,
    get trouble() {
      return trouble
    },
    write: (changes) => connection?.commit.write(changes) ?? Promise.reject(reason),
    close() {
      closing ??= end()
      return closing
    },
  }
}

/** A stranger to the server: what a disk that does not open has numbered must not be numbered again. */
const blank = (client: Loaded['client']): Loaded => ({
  client,
  incarnation: 1,
  operations: [],
  cursors: new Map(),
  histories: new Map(),
  consumers: [],
  parked: [],
  settled: [],
  unreadable: 0,
})

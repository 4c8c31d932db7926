/**
 * Owns the databases of a simulated browser: the real store over the twin of IndexedDB. Each worker hears
 * of its databases on its own thread, and what fails, fails where engines do. Of a worker that dies the
 * browser takes notice a little later; until then what it had begun is in everybody's way.
 */
import { deleteDB } from 'idb'
import { hasQueued } from '../../worker/storage/has-queued.js'
import { openIdbStore } from '../../worker/storage/idb-store.js'
import type { OpenStore } from '../../worker/storage/store.js'
import { createDatabases } from '../indexed-db/databases.js'
import type { Moment, User } from '../indexed-db/engine.js'
import { installIndexedDb, lend } from '../indexed-db/globals.js'
import type { Agent } from './agent.js'
import type { Commons } from './commons.js'

export interface Disks {
  /** What such a worker has of them. */
  of(agent: Agent): OwnDisk
  /** What becomes of whatever is asked now. */
  fault: 'none' | 'full' | 'broken' | 'stalled'
  /** Closes all connections from outside. */
  sever(): void
}

export interface OwnDisk {
  readonly openStore: OpenStore
  dropStore(line: string): Promise<void>
  hasQueued(line: string): Promise<boolean>
}

/** Shorter than any deadline of ours, and longer than a siege. */
const HELD_MS = 4_000
/** Then Chromium ends a transaction that others wait for. */
const INACTIVITY_MS = 60_000

/** `onHeld`: a worker has waited so long for a transaction of one that hangs that it may give up. */
export function createDisks(commons: Commons, onHeld: () => void): Disks {
  const { system, weather, dice, scheduler } = commons
  let fault: Disks['fault'] = 'none'
  const full = dice.pick(['at the request', 'at the commit', 'without a word'])
  installIndexedDb()

  function ill(moment: Moment): DOMException | 'unsaid' | undefined {
    if (fault === 'broken') return new DOMException('damaged', 'UnknownError')
    if (fault !== 'full' || moment !== (full === 'at the request' ? 'write' : 'commit')) return
    return full === 'without a word' ? 'unsaid' : new DOMException('full', 'QuotaExceededError')
  }

  const databases = createDatabases({
    work: (what, run) => void system.after(weather.disk(dice), what, run),
    ill,
    onHeld(by) {
      system.after(HELD_MS, 'a transaction is in the way', () => {
        if (!by.isOver) onHeld()
      })
      const tooLong = new DOMException('nobody goes on with it', 'TimeoutError')
      system.after(INACTIVITY_MS, 'a transaction is too long in the way', () => by.stop(tooLong))
    },
  })

  function userOf({ thread, onDeath }: Agent): User {
    const { send } = thread.lane('disk', weather.answer)
    const user: User = { turn: () => scheduler.steps, tell: send }
    onDeath(() => {
      databases.died(user, () => dice.chance(0.5))
      const what = `databases of ${thread.name} are freed`
      system.after(weather.lock(dice), what, () => databases.bury(user))
    })
    return user
  }

  const openIn =
    (factory: ReturnType<typeof databases.factoryFor>): OpenStore =>
    (request) =>
      lend(factory, () => openIdbStore(request))

  return {
    of(agent) {
      const factory = databases.factoryFor(userOf(agent))
      return {
        openStore: openIn(factory),
        dropStore: (line) => lend(factory, () => deleteDB(line)),
        hasQueued: (line) => lend(factory, () => hasQueued(line)),
      }
    },
    get fault() {
      return fault
    },
    set fault(value) {
      fault = value
      if (fault === 'stalled') databases.stall()
      else databases.goOn()
    },
    sever: databases.sever,
  }
}

import { describe, expect, it } from 'vitest'
import type { ClientId } from '../../protocol/ids.js'
import { createFaultyEngine } from '../../testing/faulty-engine.js'
import { createVirtualClock, settled } from '../../testing/virtual-clock.js'
import type { StoredOperation } from '../outbox/operation.js'
import { type Disk, openDisk } from './disk.js'
import type { Change } from './store.js'
import { keysOf, operation } from './store-contract-bed.js'

const put = (key: string): Change => ({ type: 'put-operation', operation: operation(key, 1) })
const drop = (key: string): Change => ({ type: 'delete-operation', key })
const full = new DOMException('no room', 'QuotaExceededError')

/** A broker's worth of disk: what it knows is in `truth`, what it was told is in `log`. */
async function setUp(prepare: (engine: ReturnType<typeof createFaultyEngine>) => void = () => {}) {
  const clock = createVirtualClock()
  const engine = createFaultyEngine()
  prepare(engine)
  const truth = new Map<string, Change>()
  const log: string[] = []
  const hooks = { onSnapshot() {} }
  let clients = 0

  const begin = (open: typeof engine.open | null = engine.open): Promise<Disk> =>
    openDisk({
      open,
      request: {
        line: 'line',
        durability: 'strict',
        newClient: () => `client ${++clients}` as ClientId,
      },
      clock,
      snapshot() {
        hooks.onSnapshot()
        return [...truth.values()]
      },
      onTrouble: (error) => log.push(error ? error.code : 'fine'),
      onFenced: () => log.push('fenced'),
      onFound: () => log.push('found'),
    })

  return {
    clock,
    engine,
    truth,
    log,
    hooks,
    begin,
    onDisk: () => [...engine.disk.operations.keys()],
    /** As the broker does: first it knows, then it writes. Resolves with what became of it. */
    async write(disk: Disk, key: string) {
      truth.set(key, put(key))
      return disk.write([put(key)]).then(
        () => 'durable',
        (reason: Error) => reason.message,
      )
    },
  }
}

describe('a disk that works', () => {
  it('[P2] gives what is on it and makes durable what is written', async () => {
    const { engine, begin, write, log } = await setUp()
    const first = await begin()
    expect(first.trouble).toBeUndefined()
    expect(await write(first, 'k')).toBe('durable')
    await first.close()
    const { loaded, close } = await begin()
    expect(keysOf(loaded.operations)).toEqual(['k'])
    expect(loaded.incarnation).toBe(2)
    await close()
    expect(log).toEqual([])
    expect(engine.connections).toBe(0)
  })

  it('[P2] finishes what is being written before it closes, and takes nothing after', async () => {
    const { engine, begin, write, onDisk } = await setUp()
    const disk = await begin()
    const outcome = write(disk, 'k')
    const closed = disk.close()
    expect(disk.close()).toBe(closed)
    expect(await write(disk, 'late')).toBe('the disk is closed')
    await closed
    expect(await outcome).toBe('durable')
    expect(onDisk()).toEqual(['k'])
    expect(engine.connections).toBe(0)
  })
})

describe('a disk that breaks', () => {
  it('[F22] refuses writes from the first failure on and says why, once', async () => {
    const { engine, begin, write, log } = await setUp()
    const disk = await begin()
    engine.commitFault = () => full
    expect(await Promise.all([write(disk, 'a'), write(disk, 'b')])).toEqual(['no room', 'no room'])
    expect(await write(disk, 'c')).toBe('no room')
    expect(log).toEqual(['quota'])
    expect(disk.trouble).toMatchObject({
      code: 'quota',
      details: { reason: 'QuotaExceededError: no room' },
    })
    await disk.close()
  })

  it('[F22] takes a transaction that aborts without a reason for a failure', async () => {
    const { engine, begin, write, log } = await setUp()
    const disk = await begin()
    engine.commitFault = () => new DOMException('', 'AbortError')
    await write(disk, 'a')
    expect(log).toEqual(['no-storage'])
    expect(disk.trouble?.details).toEqual({ reason: 'AbortError' })
    await disk.close()
  })

  it('[P2][F22][G2] is brought to what is known when it works again, as the same broker', async () => {
    const { clock, engine, begin, write, truth, log, onDisk } = await setUp()
    const disk = await begin()
    for (const key of ['settled meanwhile', 'kept']) await write(disk, key)
    engine.commitFault = () => full
    await write(disk, 'new')
    truth.delete('settled meanwhile')
    engine.commitFault = () => undefined
    await clock.advance(1_000)
    expect(log).toEqual(['quota', 'fine'])
    expect(disk.trouble).toBeUndefined()
    expect(onDisk()).toEqual(['kept', 'new'])
    expect(engine.disk.incarnation).toBe(1)
    expect(await write(disk, 'later')).toBe('durable')
    await disk.close()
  })

  it('[F22] makes room on a full disk by deleting what is over', async () => {
    const { clock, engine, begin, write, truth, log, onDisk } = await setUp()
    const disk = await begin()
    // Room for two.
    engine.commitFault = (changes) => {
      const keys = new Set(onDisk())
      for (const change of changes) {
        if (change.type === 'put-operation') keys.add(change.operation.key)
        else if (change.type === 'delete-operation') keys.delete(change.key)
      }
      return keys.size > 2 ? full : undefined
    }
    for (const key of ['a', 'b', 'c']) await write(disk, key)
    await clock.advance(3_000)
    expect(log).toEqual(['quota'])
    expect(onDisk()).toEqual(['a', 'b'])
    truth.delete('a')
    await clock.advance(4_000)
    expect(log).toEqual(['quota', 'fine'])
    expect(onDisk()).toEqual(['b', 'c'])
    await disk.close()
  })

  it('[F22][G2] is tried again after a second, then twice as long, up to half a minute', async () => {
    const { clock, engine, begin, write, log } = await setUp()
    const disk = await begin()
    engine.commitFault = () => full
    await write(disk, 'k')
    engine.openFault = new DOMException('broken', 'UnknownError')
    const start = clock.now()
    const tries: number[] = []
    while (tries.length < 7) {
      const known = engine.openings.length
      await clock.advance(1_000)
      if (engine.openings.length > known) tries.push((clock.now() - start) / 1_000)
    }
    expect(tries).toEqual([1, 3, 7, 15, 31, 61, 91])
    expect(log).toEqual(['quota', 'no-storage'])
    await disk.close()
    expect(clock.pending).toBe(0)
  })

  it('[F22] is tried after a second again once it has worked in between', async () => {
    const { clock, engine, begin, write, log } = await setUp()
    const disk = await begin()
    for (let i = 0; i < 3; i++) {
      engine.commitFault = () => full
      await write(disk, `${i}`)
      engine.commitFault = () => undefined
      await clock.advance(1_000)
    }
    expect(log).toEqual(['quota', 'fine', 'quota', 'fine', 'quota', 'fine'])
    await disk.close()
  })

  it('[F22] is not asked again before it has answered', async () => {
    const { clock, engine, begin, log } = await setUp()
    const disk = await begin()
    engine.disk.sever(new Error('cut'))
    const letGo = engine.stall()
    await clock.advance(60_000)
    expect(engine.openings).toEqual(['plain', 'resume'])
    letGo()
    await clock.advance(0)
    expect(engine.openings).toEqual(['plain', 'resume', 'resume'])
    // The reason has changed from "cut" to "not in time" on the way.
    expect(log).toEqual(['no-storage', 'no-storage', 'fine'])
    await disk.close()
    await settled()
    expect(engine.connections).toBe(0)
  })

  it('[P2] keeps the order of what is written while it is being mended', async () => {
    const { clock, engine, begin, write, onDisk } = await setUp()
    const disk = await begin()
    engine.commitFault = () => full
    await write(disk, 'refused')
    engine.commitFault = () => undefined
    const letGo = engine.stall()
    await clock.advance(1_000)
    // The opening waits in the engine: nothing is accepted yet.
    expect(await write(disk, 'early')).toBe('no room')
    letGo()
    await settled()
    const outcomes = Promise.all([write(disk, 'k'), disk.write([drop('k')]), write(disk, 'l')])
    await outcomes
    expect(onDisk()).toEqual(['refused', 'early', 'l'])
    await disk.close()
  })

  it('[P2] takes writes behind the one that mends it, and refuses them if that one fails', async () => {
    const { clock, engine, begin, write, log, onDisk, hooks } = await setUp()
    const disk = await begin()
    engine.commitFault = () => full
    await write(disk, 'a')
    engine.commitFault = () => undefined
    let letGo = (): void => {}
    hooks.onSnapshot = () => {
      letGo = engine.stall()
    }
    await clock.advance(1_000)
    hooks.onSnapshot = () => {}
    const outcome = write(disk, 'behind')
    await clock.advance(5_000)
    expect(await outcome).toBe('disk timed out')
    expect(log).toEqual(['quota', 'no-storage'])
    letGo()
    await clock.advance(2_000)
    expect(log).toEqual(['quota', 'no-storage', 'fine'])
    expect(onDisk()).toEqual(['a', 'behind'])
    await disk.close()
  })

  it('[F22][F23] is right even if a write that timed out takes effect after all', async () => {
    const { clock, engine, begin, write, truth, onDisk } = await setUp()
    const disk = await begin()
    await write(disk, 'kept')
    const letGo = engine.stall()
    const outcome = write(disk, 'withdrawn')
    await clock.advance(5_000)
    expect(await outcome).toBe('disk timed out')
    // Its sender was told, and thinks better of it.
    truth.delete('withdrawn')
    await clock.advance(3_000)
    expect(engine.openings).toEqual(['plain', 'resume'])
    letGo()
    await settled()
    expect(onDisk()).toEqual(['kept'])
    expect(await write(disk, 'k')).toBe('durable')
    await disk.close()
  })

  it('[F22] leaves alone what nobody could read', async () => {
    const { clock, engine, begin, write, onDisk } = await setUp()
    engine.disk.operations.set('odd', { key: 'odd' } as unknown as StoredOperation)
    const disk = await begin()
    expect(disk.loaded.unreadable).toBe(1)
    engine.commitFault = () => full
    await write(disk, 'k')
    engine.commitFault = () => undefined
    await clock.advance(1_000)
    expect(onDisk()).toEqual(['odd', 'k'])
    await disk.close()
  })

  it('[F22] survives that somebody clears the site data: everything is written again', async () => {
    const { clock, engine, begin, write, log, onDisk } = await setUp()
    const disk = await begin()
    await write(disk, 'k')
    engine.disk.clear()
    expect(log).toEqual(['no-storage'])
    expect(await write(disk, 'l')).toBe('the database was deleted')
    await clock.advance(1_000)
    expect(log).toEqual(['no-storage', 'fine'])
    expect(onDisk()).toEqual(['k', 'l'])
    expect(engine.disk).toMatchObject({ client: 'client 1', incarnation: 1 })
    await disk.close()
  })
})

describe('a disk that another broker has', () => {
  it('[F10] is not written to, nor tried again, and its owner told once', async () => {
    const { clock, engine, begin, write, log, onDisk } = await setUp()
    const older = await begin()
    const newer = await begin()
    expect(await write(older, 'k')).toBe('another broker has the database')
    expect(await write(older, 'l')).toBe('another broker has the database')
    await clock.advance(60_000)
    expect(log).toEqual(['fenced'])
    expect(engine.openings).toEqual(['plain', 'plain'])
    expect(onDisk()).toEqual([])
    await older.close()
    await newer.close()
    expect(engine.connections).toBe(0)
  })

  it('[F10][F22] is not taken back by whoever finds it so after its own connection was lost', async () => {
    const { clock, engine, begin, log } = await setUp()
    const older = await begin()
    engine.disk.sever(new Error('cut'))
    const newer = await begin()
    await clock.advance(60_000)
    expect(log).toEqual(['no-storage', 'fenced'])
    expect(engine.openings).toEqual(['plain', 'plain', 'resume'])
    expect(engine.disk.incarnation).toBe(2)
    await older.close()
    await newer.close()
  })
})

describe('a disk that does not open at the start', () => {
  it('[F22][G1] is none in a browser without IndexedDB: memory, with the reason, for good', async () => {
    const { clock, begin, write, log } = await setUp()
    const disk = await begin(null)
    expect(disk.loaded).toMatchObject({ client: 'client 1', incarnation: 1, operations: [] })
    expect(disk.trouble?.code).toBe('no-storage')
    expect(await write(disk, 'k')).toBe('this browser has no IndexedDB here')
    await settled()
    expect(clock.pending).toBe(0)
    await disk.close()
    expect(log).toEqual([])
  })

  it.each([
    new DOMException('a newer version wrote the database', 'VersionError'),
    new DOMException('internal error', 'UnknownError'),
    full,
  ])('[F22][G3] is memory with a client of its own until it is found: %s', async (fault) => {
    const { clock, engine, begin, write, log, onDisk } = await setUp(({ disk }) => {
      Object.assign(disk, { client: 'the real one', incarnation: 7 })
    })
    engine.openFault = fault
    const disk = await begin()
    expect(disk.loaded.client).toBe('client 1')
    expect(disk.trouble?.details).toEqual({ reason: `${fault.name}: ${fault.message}` })
    expect(await write(disk, 'k')).toBe(fault.message)
    await clock.advance(6_000)
    engine.openFault = undefined
    await clock.advance(1_000)
    expect(engine.openings).toEqual(['plain', 'probe', 'probe', 'probe'])
    expect(log).toEqual(['found'])
    // It was looked at, no more.
    expect(engine.disk).toMatchObject({ client: 'the real one', incarnation: 7 })
    expect(onDisk()).toEqual([])
    await clock.advance(60_000)
    expect(log).toEqual(['found'])
    expect(engine.connections).toBe(0)
    await disk.close()
  })

  it('[F22][G96] does not wait longer than five seconds for it, nor ask twice at a time', async () => {
    const { clock, engine, begin, log } = await setUp()
    const letGo = engine.stall()
    const opening = begin()
    await clock.advance(5_000)
    const disk = await opening
    expect(disk.trouble?.message).toContain('did not open in time')
    await clock.advance(60_000)
    expect(engine.openings).toEqual(['plain'])
    letGo()
    await clock.advance(0)
    expect(engine.openings).toEqual(['plain', 'probe'])
    expect(log).toEqual(['found'])
    // Who answered too late for us has not become a broker.
    expect(engine.disk.incarnation).toBe(0)
    expect(engine.connections).toBe(0)
    await disk.close()
  })

  it('[P3] [F22][G96] is not given up because we slept: both have waited, and its answer is behind', async () => {
    const { clock, engine, begin } = await setUp()
    const letGo = engine.stall()
    const opening = begin()
    clock.leap(60_000)
    await clock.advance(0)
    letGo()
    await clock.advance(0)
    const disk = await opening
    expect(disk.trouble).toBeUndefined()
    expect(engine.openings).toEqual(['plain'])
    await disk.close()
  })

  it('[F10] is let go at once if it opens too late, even if it had begun in time', async () => {
    const { clock, engine, begin } = await setUp()
    const letGo = engine.stall()
    // The engine was past the point where it looks whether somebody still waits.
    const opening = begin((request) => engine.open({ ...request, signal: undefined }))
    await clock.advance(5_000)
    const disk = await opening
    expect(disk.loaded.client).toBe('client 1')
    await disk.close()
    letGo()
    await settled()
    expect(engine.disk.incarnation).toBe(1)
    expect(engine.connections).toBe(0)
  })

  it('[F22] is not taken for one that works if it is severed while it is being read', async () => {
    const { clock, begin, log, engine } = await setUp()
    const disk = await begin(async (request) => {
      const store = await engine.open(request)
      if (!request.probe) engine.disk.sever(new Error('cut'))
      return store
    })
    expect(disk.trouble?.details).toEqual({ reason: 'Error: cut' })
    await clock.advance(1_000)
    expect(log).toEqual(['found'])
    await disk.close()
  })

  it('[F22] says when an older version somewhere is in the way', async () => {
    const { clock, engine, begin } = await setUp()
    engine.isBlocked = true
    const letGo = engine.stall()
    const opening = begin()
    await clock.advance(5_000)
    const disk = await opening
    expect(disk.trouble?.message).toContain('an older version of it is open elsewhere')
    await disk.close()
    letGo()
  })

  it('[P9] tells when the reason changes', async () => {
    const { clock, engine, begin, log } = await setUp()
    engine.openFault = new DOMException('internal error', 'UnknownError')
    const disk = await begin()
    engine.openFault = full
    await clock.advance(10_000)
    expect(log).toEqual(['quota'])
    await disk.close()
  })
})

describe('a disk that is closed', () => {
  it('[F22] while a write hangs: waits for its deadline, no longer', async () => {
    const { clock, engine, begin, write, log } = await setUp()
    const disk = await begin()
    const letGo = engine.stall()
    const outcome = write(disk, 'k')
    await settled()
    let isClosed = false
    const closed = disk.close().then(() => {
      isClosed = true
    })
    await clock.advance(4_999)
    expect(isClosed).toBe(false)
    await clock.advance(1)
    await closed
    expect(await outcome).toBe('disk timed out')
    await clock.advance(60_000)
    expect(engine.openings).toEqual(['plain'])
    expect(log).toEqual([])
    expect(clock.pending).toBe(0)
    letGo()
    await settled()
    expect(engine.connections).toBe(0)
  })

  it('[F10] while it is being reopened: at once, and what opens late is no broker', async () => {
    const { clock, engine, begin, log } = await setUp()
    const disk = await begin()
    engine.disk.clear()
    const letGo = engine.stall()
    await clock.advance(1_000)
    expect(engine.openings).toEqual(['plain', 'resume'])
    await disk.close()
    expect(clock.pending).toBe(0)
    letGo()
    await clock.advance(60_000)
    expect(engine.disk.client).toBeUndefined()
    expect(engine.connections).toBe(0)
    expect(engine.openings).toEqual(['plain', 'resume'])
    expect(log).toEqual(['no-storage'])
  })

  it('[F10] in whatever turn of its reopening: nothing of it is left open', async () => {
    for (let turns = 0; turns < 40; turns++) {
      const { clock, engine, begin, log } = await setUp()
      const disk = await begin()
      engine.disk.sever(new Error('cut'))
      const letGo = engine.stall()
      await clock.advance(1_000)
      letGo()
      for (let i = 0; i < turns; i++) await null
      const wasFine = disk.trouble === undefined
      await disk.close()
      await settled()
      expect(log.filter((word) => word === 'fine')).toHaveLength(wasFine ? 1 : 0)
      expect(engine.connections).toBe(0)
      expect(clock.pending).toBe(0)
    }
  })

  it('[F22] while it is being mended: when that is over', async () => {
    const { clock, engine, begin, write, log, onDisk, hooks } = await setUp()
    const disk = await begin()
    engine.disk.clear()
    await write(disk, 'k')
    let letGo = (): void => {}
    hooks.onSnapshot = () => {
      letGo = engine.stall()
    }
    await clock.advance(1_000)
    const closed = disk.close()
    letGo()
    await closed
    expect(onDisk()).toEqual(['k'])
    expect(log).toEqual(['no-storage'])
    expect(engine.connections).toBe(0)
  })

  it('[F22] between two attempts: none follows', async () => {
    const { clock, engine, begin } = await setUp()
    engine.openFault = full
    const disk = await begin()
    await clock.advance(0)
    expect(clock.pending).toBe(1)
    await disk.close()
    expect(clock.pending).toBe(0)
    engine.openFault = undefined
    await clock.advance(60_000)
    expect(engine.openings).toEqual(['plain'])
  })
})

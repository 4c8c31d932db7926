import { describe, expect, test } from 'vitest'
import { answer, end, keys, openNotes, write } from './contract-bed.js'
import type { EngineOptions, Moment, Obstacle } from './engine.js'
import { installIndexedDb, lend } from './globals.js'
import { createMachine, type Machine, type TestThread } from './machine.js'

const full = new DOMException('full', 'QuotaExceededError')
const damaged = new DOMException('damaged', 'UnknownError')

type Ill = ReturnType<NonNullable<EngineOptions['ill']>>

/** Two workers that have opened the same database, and what they said. */
async function setUp(seed: number, moods: Omit<EngineOptions, 'work'> = {}) {
  installIndexedDb()
  const machine = createMachine(seed, moods)
  const [old, next] = [machine.thread('old'), machine.thread('next')]
  const log: string[] = []
  const say = (word: string): void => void log.push(word)
  return {
    machine,
    old: { ...old, database: await opened(machine, old) },
    next: { ...next, database: await opened(machine, next) },
    log,
    say,
    found: async () => machine.run(async () => keys(await opened(machine, next))),
  }
}

function opened(machine: Machine, { factory }: TestThread): Promise<IDBDatabase> {
  return machine.run(() => lend(factory, () => openNotes('database')))
}

const SEEDS = Array.from({ length: 30 }, (_, index) => index + 1)

describe('whoever dies', () => {
  test('[P2] with a transaction that it had not ended leaves nothing of it', async () => {
    for (const seed of SEEDS) {
      const { machine, old, next, say, log } = await setUp(seed)
      await machine.run(async () => {
        const notes = write(old.database)
        void end(notes.transaction).then(say)
        await answer(notes.put(1, 'a'))
        notes.put(2, 'b')
      })
      old.kill(true)
      expect(await machine.run(() => keys(next.database))).toBe('[]')
      await machine.rest()
      expect(log).toEqual([])
    }
  })

  test('[P2] after it has ordered to commit leaves all of it, or nothing', async () => {
    for (const isSent of [true, false]) {
      for (const seed of SEEDS) {
        const { machine, old, next } = await setUp(seed)
        await machine.run(async () => {
          const notes = write(old.database)
          await answer(notes.put(1, 'a'))
          notes.put(2, 'b')
          notes.put(3, 'c')
          notes.transaction.commit()
        })
        old.kill(isSent)
        const found = await machine.run(() => keys(next.database))
        expect({ seed, found }).toEqual({ seed, found: isSent ? '["a","b","c"]' : '[]' })
      }
    }
  })

  test('[P2] after it was told that it is complete takes nothing along', async () => {
    for (const seed of SEEDS) {
      const { machine, old, next } = await setUp(seed)
      await machine.run(() => {
        const notes = write(old.database)
        notes.put(1, 'a')
        return end(notes.transaction)
      })
      old.kill()
      expect(await machine.run(() => keys(next.database))).toBe('["a"]')
    }
  })

  test('[P2] in an upgrade leaves the database to the next one as it was', async () => {
    for (const seed of SEEDS) {
      for (let turns = 0; turns < 6; turns++) {
        installIndexedDb()
        const machine = createMachine(seed)
        const [old, next] = [machine.thread('old'), machine.thread('next')]
        lend(old.factory, () => void openNotes('database', 2).catch(() => {}))
        for (let i = 0; i < turns; i++) await machine.step()
        old.kill()
        const database = await opened(machine, next).catch(({ name }) => name)
        // Or it has come to the end of it, and this one is older.
        if (typeof database === 'string') expect(database).toBe('VersionError')
        else
          expect([database.version, [...database.objectStoreNames]]).toEqual([
            1,
            ['events', 'notes'],
          ])
      }
    }
  })

  test('[P2] and does not let go of an old version blocks nobody', async () => {
    const { machine, old, next } = await setUp(1)
    next.database.close()
    old.kill()
    const newer = await machine.run(() => lend(next.factory, () => openNotes('database', 2)))
    expect(newer.version).toBe(2)
  })
})

describe('whoever hangs', () => {
  test('[P2] in a transaction keeps the next one waiting, and then goes on', async () => {
    const { machine, old, next, log, say } = await setUp(1)
    const notes = write(old.database)
    void answer(notes.put(1, 'a')).then(() => notes.put(2, 'b'))
    void end(notes.transaction).then(say)
    old.hang()
    let found = 'nothing yet'
    void keys(next.database).then((those) => {
      found = those
    })
    await machine.rest()
    expect([found, ...log]).toEqual(['nothing yet'])
    old.thaw()
    await machine.rest()
    expect([found, ...log]).toEqual(['["a","b"]', 'complete'])
  })

  test('[P2] in a transaction that is ended from outside leaves nothing of it', async () => {
    const held: Obstacle[] = []
    const { machine, old, next, log, say } = await setUp(1, { onHeld: (by) => held.push(by) })
    const notes = write(old.database)
    notes.put(1, 'a')
    void end(notes.transaction).then(say)
    old.hang()
    const found = machine.run(() => keys(next.database))
    await expect(found).rejects.toThrow('nothing more happens')
    held[0]?.stop(new DOMException('', 'TimeoutError'))
    expect(await machine.run(() => keys(next.database))).toBe('[]')
    old.thaw()
    await machine.rest()
    expect([held.length, ...log]).toEqual([1, 'abort TimeoutError'])
  })

  test('[P2] in an upgrade that is ended from outside leaves the database to the next one', async () => {
    for (let turns = 0; turns < 3; turns++) {
      installIndexedDb()
      const held: Obstacle[] = []
      const machine = createMachine(1, { onHeld: (by) => held.push(by) })
      const [old, next] = [machine.thread('old'), machine.thread('next')]
      const log: string[] = []
      lend(old.factory, () => void openNotes('database').catch(({ name }) => log.push(name)))
      for (let i = 0; i < turns; i++) await machine.step()
      old.hang()
      await machine.rest()
      const opening = opened(machine, next)
      await expect(opening).rejects.toThrow('nothing more happens')
      expect(held.map(({ isOver }) => isOver)).toEqual([false])
      held[0]?.stop(new DOMException('', 'TimeoutError'))
      await machine.rest()
      expect(held.map(({ isOver }) => isOver)).toEqual([true])
      const found = await opened(machine, next)
      expect([...found.objectStoreNames]).toEqual(['events', 'notes'])
      old.thaw()
      await machine.rest()
      expect(log).toEqual(['AbortError'])
    }
  })

  test('[P2] after it has ordered to commit keeps nobody waiting', async () => {
    const { machine, old, next } = await setUp(1)
    const notes = write(old.database)
    notes.put(1, 'a')
    notes.transaction.commit()
    old.hang()
    expect(await machine.run(() => keys(next.database))).toBe('["a"]')
  })
})

describe('a disk', () => {
  test('[P2] that is stalled answers nothing, and later everything in its order', async () => {
    for (const seed of SEEDS) {
      const { machine, old, next, log, say } = await setUp(seed)
      const notes = write(old.database)
      for (const key of ['a', 'b']) void answer(notes.put(1, key)).then(() => say(key))
      void end(notes.transaction).then(say)
      let found = 'nothing yet'
      void keys(next.database).then((those) => {
        found = those
      })
      if (seed % 2) await machine.step()
      const before = [...log]
      machine.databases.stall()
      await machine.rest()
      expect([found, ...log]).toEqual(['nothing yet', ...before])
      machine.databases.goOn()
      await machine.rest()
      expect([found, ...log]).toEqual(['["a","b"]', 'a', 'b', 'complete'])
    }
  })

  const failsAt =
    (moment: Moment, how: Ill) =>
    (at: Moment): typeof how =>
      at === moment ? how : undefined

  const FULL = {
    'refuses the request': [
      failsAt('write', full),
      ['QuotaExceededError', 'abort QuotaExceededError'],
    ],
    'refuses to commit': [failsAt('commit', full), ['put', 'abort QuotaExceededError']],
    'aborts without a word': [failsAt('commit', 'unsaid'), ['put', 'abort null']],
  } as const

  for (const [how, [ill, said]] of Object.entries(FULL)) {
    test(`[P2] that is full ${how}, and keeps what it had`, async () => {
      let isFull = false
      const { machine, old, log, say, found } = await setUp(1, {
        ill: (at) => (isFull ? ill(at) : undefined),
      })
      await machine.run(() => answer(write(old.database).put(0, 'a')))
      await machine.rest()
      isFull = true
      const over = await machine.run(() => {
        const notes = write(old.database)
        notes.delete('a')
        void answer(notes.put(1, 'b')).then(
          () => say('put'),
          ({ name }) => say(name),
        )
        return end(notes.transaction)
      })
      expect([...log, over]).toEqual(said)
      isFull = false
      expect(await found()).toBe('["a"]')
    })
  }

  test('[P2] that is damaged opens nothing', async () => {
    installIndexedDb()
    const machine = createMachine(1, { ill: failsAt('open', damaged) })
    await expect(opened(machine, machine.thread('worker'))).rejects.toBe(damaged)
  })

  test('[P2] whose connections are closed says so, and undoes what was not committed', async () => {
    for (const seed of SEEDS) {
      const { machine, old, log, say, found } = await setUp(seed)
      old.database.addEventListener('close', () => say('close'))
      const notes = write(old.database)
      void answer(notes.put(1, 'a')).catch(() => {})
      void end(notes.transaction).then(say)
      machine.databases.sever()
      await machine.rest()
      expect(log).toEqual(['abort AbortError', 'close'])
      expect(() => old.database.transaction('notes')).toThrow()
      expect(await found()).toBe('[]')
    }
  })
})

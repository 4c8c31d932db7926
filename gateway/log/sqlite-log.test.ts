import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { EventId } from '../../protocol/ids.js'
import { checkLog } from './log-contract.js'
import { realLogEnvironment } from './real-log-environment.js'
import { openSqliteLog } from './sqlite-log.js'
import { openDatabase } from './sqlite-runtime.js'

const folder = mkdtempSync(join(tmpdir(), 'partyline-log-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const newFile = (): string => join(folder, `${++files}.db`)

checkLog('SQLite in a file', () => {
  const file = newFile()
  const keep = { keysMs: 1_000_000, lanesMs: 5_000_000 }
  let time = 0
  const environment = { ...realLogEnvironment, now: () => time }
  const open = (options?: { retain?: number }) =>
    openSqliteLog({ file, ...keep, environment, ...options })
  return {
    keep,
    open,
    reopen: () => open(),
    reopenAfter(ms) {
      time += ms
      return open()
    },
    backup() {
      const copy = newFile()
      copyFileSync(file, copy)
      return () => {
        copyFileSync(copy, file)
        return open()
      }
    },
  }
})
checkLog('SQLite in memory', () => ({
  open: (options) => openSqliteLog({ file: ':memory:', ...options }),
}))

describe('the SQLite log', () => {
  test('refuses a file that another gateway has open, and says so', async () => {
    const file = newFile()
    const log = await openSqliteLog({ file })
    await expect(openSqliteLog({ file })).rejects.toThrow('Another process has the log')
    await log.close()
    await (await openSqliteLog({ file })).close()
  })

  test('leaves a file of a later version alone', async () => {
    const file = newFile()
    await (await openSqliteLog({ file })).close()
    const db = await openDatabase(file)
    db.exec('PRAGMA user_version = 99')
    db.close()
    await expect(openSqliteLog({ file })).rejects.toThrow('schema 99')
  })

  test('two files have two epochs', async () => {
    const logs = await Promise.all([1, 2].map(() => openSqliteLog({ file: newFile() })))
    const epochs = await Promise.all(logs.map(async (log) => (await log.position('a')).epoch))
    expect(new Set(epochs).size).toBe(2)
    await Promise.all(logs.map((log) => log.close()))
  })

  test('all that is asked for in one turn becomes durable in one go', async () => {
    const turns: (() => void)[] = []
    const environment = {
      now: () => 0,
      newEpoch: () => 'e',
      turn: (run: () => void) => turns.push(run),
    }
    const log = await openSqliteLog({ file: ':memory:', environment })
    const order: string[] = []
    await log.follow('a', ({ events }) => order.push(`heard ${events.length}`))
    const appends = [1, 2, 3].map((n) =>
      log.append('a', `${n}`).then((id) => order.push(`done ${id}`)),
    )
    await Promise.resolve()
    expect([order, turns.length]).toEqual([[], 1])
    turns[0]?.()
    await Promise.all(appends)
    expect(order).toEqual(['heard 3', 'done 1', 'done 2', 'done 3'])
    await log.close()
  })

  test('[P14][G11][G18] remembers keys for a week and lanes for ninety days, if nobody says otherwise', async () => {
    const DAY = 24 * 60 * 60_000
    let time = 0
    const file = newFile()
    const open = () =>
      openSqliteLog({
        file,
        environment: { now: () => time, newEpoch: () => 'e', turn: setImmediate },
      })
    const author = { client: 'c', lane: 'l', epoch: 1, seq: 1, key: 'k', lowest: 1 }
    const log = await open()
    expect(log.keysMs).toBe(7 * DAY)
    await log.commit(author, { publish: [], answer: { ok: true } })
    await log.close()
    for (const [days, lanes] of [
      [89, 1],
      [91, 0],
    ] as const) {
      time = days * DAY
      const later = await open()
      expect(await later.lanes('c', ['l'])).toHaveLength(lanes)
      await later.close()
    }
  })

  test('[P14] forgets old keys and lanes by the clock', async () => {
    const file = newFile()
    let time = 0
    const open = () =>
      openSqliteLog({
        file,
        keysMs: 10,
        lanesMs: 20,
        environment: { now: () => time, newEpoch: () => 'e', turn: setImmediate },
      })
    const author = { client: 'c', lane: 'l', epoch: 1, seq: 1, key: 'k', lowest: 1 }
    const effect = { publish: [], answer: { ok: true, result: '1' } } as const
    const rows = async (): Promise<unknown> => {
      await (await open()).close()
      const db = await openDatabase(file)
      const found = db
        .prepare(
          'SELECT (SELECT count(*) FROM lanes) AS lanes, (SELECT count(*) FROM operations) AS keys',
        )
        .get()
      db.close()
      return { ...(found as object) }
    }
    const log = await open()
    await log.commit(author, effect)
    await log.commit({ ...author, epoch: 2, key: 'k2' }, effect)
    await log.close()
    time = 10
    expect(await rows()).toEqual({ lanes: 1, keys: 2 })
    time = 15
    expect(await rows()).toEqual({ lanes: 1, keys: 1 })
    time = 30
    expect(await rows()).toEqual({ lanes: 0, keys: 0 })
  })

  test('[P14] pages and tails of long events are short, and join', async () => {
    const log = await openSqliteLog({ file: ':memory:' })
    const payload = 'x'.repeat(200_000)
    await Promise.all([...Array(100).keys()].map(() => log.append('a', payload)))
    const ids: EventId[] = []
    for (let id = '0' as EventId; id !== '100'; id = ids.at(-1) as EventId) {
      const page = await log.read('a', { id }, 1_000, 1_000_000)
      if (page.state === 'gap' || !page.events.length) throw new Error('no page')
      expect(page.events.length).toBeLessThan(100)
      ids.push(...page.events.map(([at]) => at))
    }
    expect(ids).toEqual([...Array(100).keys()].map((n) => `${n + 1}`))
    const tail = await log.tail('a', 1_000, 1_000_000)
    expect(tail.events.length).toBeLessThan(100)
    expect(tail.events.at(-1)?.[0]).toBe('100')
    expect(Number(tail.after)).toBe(100 - tail.events.length)
    expect((await log.tail('a', 1_000)).events).toHaveLength(100)
    await log.close()
  })

  test('deletes what is under the floor from the disk as well', async () => {
    const file = newFile()
    const log = await openSqliteLog({ file, retain: 10 })
    for (let n = 0; n < 5; n++) {
      await Promise.all([...Array(20).keys()].map(() => log.append('a', '0')))
    }
    expect(await log.read('a', { id: '90' as EventId }, 99)).toMatchObject({ state: 'events' })
    await log.close()
    const db = await openDatabase(file)
    const { kept } = db.prepare('SELECT count(*) AS kept FROM events').get() as { kept: number }
    expect(kept).toBe(10)
    db.close()
  })
})

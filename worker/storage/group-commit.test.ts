import { describe, expect, it } from 'vitest'
import { createVirtualClock, settled } from '../../testing/virtual-clock.js'
import { createGroupCommit } from './group-commit.js'
import type { Change, Store } from './store.js'

const remove = (key: string): Change => ({ type: 'delete-operation', key })

function setUp() {
  const clock = createVirtualClock()
  const transactions: string[][] = []
  const running: { resolve(): void; reject(reason: unknown): void }[] = []
  let most = 0
  const store = {
    commit(changes: readonly Change[]) {
      transactions.push(changes.map((change) => ('key' in change ? change.key : '')))
      return new Promise<void>((resolve, reject) => {
        running.push({ resolve, reject })
        most = Math.max(most, running.length)
      })
    },
  } as unknown as Store
  const broken: unknown[] = []
  const commit = createGroupCommit(store, clock, (reason) => broken.push(reason))
  return {
    clock,
    transactions,
    broken,
    write: (key: string) => commit.write([remove(key)]),
    idle: commit.idle,
    most: () => most,
    async finish(error?: Error) {
      const one = running.shift()
      error ? one?.reject(error) : one?.resolve()
      await settled()
    },
  }
}

describe('group commit', () => {
  it('[F23] has at most one transaction in flight', async () => {
    const { write, finish, transactions, most } = setUp()
    for (const key of ['a', 'b']) void write(key)
    await settled()
    for (const key of ['c', 'd', 'e']) void write(key)
    await settled()
    expect(transactions).toEqual([['a', 'b']])
    await finish()
    await finish()
    expect(transactions).toEqual([
      ['a', 'b'],
      ['c', 'd', 'e'],
    ])
    expect(most()).toBe(1)
  })

  it('[P2] resolves a write when its transaction is done, not before', async () => {
    const { write, finish } = setUp()
    const done: string[] = []
    void write('a').then(() => done.push('a'))
    await settled()
    void write('b').then(() => done.push('b'))
    await settled()
    expect(done).toEqual([])
    await finish()
    expect(done).toEqual(['a'])
    await finish()
    expect(done).toEqual(['a', 'b'])
  })

  it('[P2] is idle when the last write of all has ended, not the one under way', async () => {
    const { write, finish, idle } = setUp()
    let isIdle = false
    await idle()
    void write('a')
    await settled()
    void write('b')
    void idle().then(() => {
      isIdle = true
    })
    await finish()
    expect(isIdle).toBe(false)
    await finish()
    expect(isIdle).toBe(true)
  })

  it('[F22] takes any failure for a broken disk, says so once and refuses from then on', async () => {
    const { write, finish, broken, transactions } = setUp()
    const first = write('a').catch((reason: Error) => reason.message)
    await settled()
    const second = write('b').catch((reason: Error) => reason.message)
    await finish(new Error('aborted'))
    expect(await first).toBe('aborted')
    expect(await second).toBe('aborted')
    await expect(write('c')).rejects.toThrow('aborted')
    expect(broken).toHaveLength(1)
    expect(transactions).toEqual([['a']])
  })

  it('[F22][G96] does not wait for a transaction that never ends', async () => {
    const { write, clock, broken } = setUp()
    const outcome = write('a').catch((reason: Error) => reason.message)
    await clock.advance(4_999)
    expect(broken).toHaveLength(0)
    await clock.advance(1)
    expect(await outcome).toBe('disk timed out')
    expect(clock.pending).toBe(0)
  })

  it('[F22][G96] gives the disk its time anew when we slept', async () => {
    const { clock, write, finish, broken } = setUp()
    const written = write('a')
    await settled()
    clock.leap(60_000)
    await clock.advance(0)
    await finish()
    await written
    expect(broken).toEqual([])
  })

  it('[F22][G96] gives the disk its time anew when we hung for most of it, and not at its end', async () => {
    const { clock, write, finish, broken } = setUp()
    const written = write('a')
    await settled()
    await clock.advance(1_500)
    // Nothing of what the disk said meanwhile has been heard.
    clock.leap(4_000)
    await clock.advance(0)
    expect(broken).toEqual([])
    await finish()
    await written
    expect(broken).toEqual([])
  })
})

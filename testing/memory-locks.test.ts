/** The twin keeps to what the Web Locks API says, where stories depend on it [P12]. */
import { describe, expect, it } from 'vitest'
import { createMemoryLocks } from './memory-locks.js'
import { settled } from './virtual-clock.js'

describe('a lock that several wait for', () => {
  it('[P12] is free for all of them at once, also beside one that stands still', async () => {
    const locks = createMemoryLocks()
    const told: string[] = []
    const worker = locks.agent()
    const stuck = locks.agent(() => {})
    await worker.hold('life')
    stuck.whenFree('life', () => told.push('stuck'))
    locks.agent().whenFree('life', () => told.push('one'))
    locks.agent().whenFree('life', () => told.push('other'))
    worker.kill()
    await settled()
    expect(told).toEqual(['one', 'other'])
    expect(locks.isHeld('life')).toBe(true)
    stuck.kill()
    expect(locks.isHeld('life')).toBe(false)
  })

  it('belongs to one at a time, in their order, and not to those who died', async () => {
    const locks = createMemoryLocks()
    const told: string[] = []
    const holding = (name: string) => {
      const agent = locks.agent()
      void agent.hold('line').then(() => told.push(name))
      void agent.hold('line').then(() => told.push(`${name} again`))
      return agent
    }
    const first = holding('first')
    holding('second')
    await settled()
    expect(told).toEqual(['first'])
    first.kill()
    await settled()
    expect(told).toEqual(['first', 'second'])
  })

  it('is not for those who have given up their place, told of it or not', async () => {
    for (const isGranted of [false, true]) {
      const locks = createMemoryLocks()
      const release = await locks.agent().hold('line')
      const abort = new AbortController()
      const waiting = locks.agent().hold('line', undefined, abort)
      if (isGranted) release()
      abort.abort()
      if (!isGranted) release()
      await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
      expect(locks.isHeld('line')).toBe(false)
    }
  })

  it('is taken from all who share it', async () => {
    const locks = createMemoryLocks()
    const stuck = locks.agent(() => {})
    stuck.whenFree('life', () => {})
    stuck.whenFree('life', () => {})
    const release = await locks.agent().steal('life')
    release()
    expect(locks.isHeld('life')).toBe(false)
  })
})

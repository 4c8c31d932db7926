import { describe, expect, it } from 'vitest'
import { createMemoryBoats } from '../testing/memory-boat.js'
import { createVirtualClock } from '../testing/virtual-clock.js'
import { createSignOutMark } from './sign-out-mark.js'

function setUp() {
  const { wall } = createVirtualClock()
  const boats = createMemoryBoats()
  const open = (line = 'ann', boat: object | null = boats.page(() => {})) =>
    createSignOutMark({ boat: boat as never, wall, random: Math.random }, line)
  return { boats, open }
}

describe('the mark of a sign-out', () => {
  it('[P13][G12] tells every page that began before it, and none that began after it', () => {
    const { open } = setUp()
    const before = open()
    expect(before.fate).toBeUndefined()
    open().set('keep')
    const after = open()
    expect([before.fate, after.fate]).toEqual(['keep', undefined])
    open().set('discard')
    expect([before.fate, after.fate]).toEqual(['discard', 'discard'])
  })

  it('[P4][P13] says `discard` for good to a page that has seen it', () => {
    const { open } = setUp()
    const page = open()
    open().set('discard')
    expect(page.fate).toBe('discard')
    open().set('keep')
    expect(page.fate).toBe('discard')
  })

  it('[P13] is there from the first page on, so that one can say before which sign-out it began', () => {
    const { open, boats } = setUp()
    const first = open()
    expect(first.before).not.toBe('')
    expect(open().before).toBe(first.before)
    boats.items.clear()
    open()
    expect(first.fate).toBeUndefined()
    open().set('keep')
    expect(open().before).not.toBe(first.before)
  })

  it('[P13] is of one identity', () => {
    const { open } = setUp()
    const bob = open('bob')
    open('ann').set('discard')
    expect(bob.fate).toBeUndefined()
  })

  it('is no sign-out when a person clears localStorage', () => {
    const { open, boats } = setUp()
    open().set('keep')
    const page = open()
    boats.items.clear()
    expect(page.fate).toBeUndefined()
  })

  it('is not there where localStorage is not, or throws', () => {
    const { open } = setUp()
    const thrower = new Proxy(
      {},
      {
        get() {
          throw new Error('a damaged profile')
        },
      },
    )
    for (const boat of [null, thrower]) {
      const page = open('ann', boat)
      page.set('discard')
      expect([page.fate, page.before]).toEqual([undefined, ''])
    }
  })
})

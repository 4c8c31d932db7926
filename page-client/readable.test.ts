import { describe, expect, it } from 'vitest'
import { createReadable } from './readable.js'

function setUp() {
  const thrown: unknown[] = []
  return { thrown, readable: createReadable(1, (cause) => thrown.push(cause)) }
}

describe('a readable', () => {
  it('tells its value at once and on every change, until it is told to stop', () => {
    const { readable } = setUp()
    const seen: number[] = []
    const stop = readable.subscribe((value) => seen.push(value))
    readable.set(2)
    stop()
    stop()
    readable.set(3)
    expect(seen).toEqual([1, 2])
    expect(readable.value).toBe(3)
  })

  it('takes the same function twice for two watchers', () => {
    const { readable } = setUp()
    let calls = 0
    const count = (): void => void calls++
    const stop = readable.subscribe(count)
    readable.subscribe(count)
    stop()
    readable.set(2)
    expect(calls).toBe(3)
  })

  it('does not call whoever was stopped by another watcher of the same change', () => {
    const { readable } = setUp()
    const seen: number[] = []
    let stopSecond = (): void => {}
    readable.subscribe((value) => {
      if (value === 2) stopSecond()
    })
    stopSecond = readable.subscribe((value) => seen.push(value))
    readable.set(2)
    expect(seen).toEqual([1])
  })

  it('goes on when a watcher throws, and tells of it', () => {
    const { readable, thrown } = setUp()
    const seen: number[] = []
    readable.subscribe((value) => {
      if (value > 1) throw new Error('mine')
    })
    readable.subscribe((value) => seen.push(value))
    readable.set(2)
    expect(seen).toEqual([1, 2])
    expect(thrown).toEqual([new Error('mine')])
  })

  it('lets whoever subscribes learn what its own first call throws', () => {
    const { readable } = setUp()
    expect(() =>
      readable.subscribe(() => {
        throw new Error('mine')
      }),
    ).toThrow('mine')
  })
})

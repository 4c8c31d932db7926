/** Which workers have begun without their database, as the judges are to know. */
import { describe, expect, it } from 'vitest'
import type { ClientId } from '../../protocol/ids.js'
import type { Store, StoreRequest } from '../../worker/storage/store.js'
import { settled } from '../virtual-clock.js'
import { watchOpening } from './opening.js'

function setUp(more: Partial<StoreRequest> = {}) {
  const abort = new AbortController()
  const state = { now: 0, unread: 0 }
  let end = { resolve(_: Store): void {}, reject(_: Error): void {} }
  let sever = (_: unknown): void => {}
  const open = watchOpening(
    ({ onSevered = () => {} }) => {
      sever = onSevered
      return new Promise((resolve, reject) => {
        end = { resolve, reject }
      })
    },
    () => state.now,
    () => {
      state.unread += 1
    },
  )
  const request: StoreRequest = {
    line: 'line',
    durability: 'strict',
    newClient: () => 'c' as ClientId,
    wall: () => 0,
    signal: abort.signal,
    ...more,
  }
  open(request).catch(() => {})
  return {
    state,
    abort: () => abort.abort(),
    opens: () => end.resolve({} as Store),
    fails: () => end.reject(new Error('damaged')),
    isSevered: () => sever(new Error('closed')),
  }
}

describe('a worker that opens its database', () => {
  it('begins without it when it is damaged, does not open in time, or is closed in that moment', async () => {
    const damaged = setUp()
    damaged.fails()
    const slow = setUp()
    slow.state.now = 5_000
    slow.abort()
    const severed = setUp()
    severed.isSevered()
    await settled()
    expect([damaged, slow, severed].map(({ state }) => state.unread)).toEqual([1, 1, 1])
  })

  it('has it when it opens, whatever becomes of it then', async () => {
    const { state, opens, isSevered, abort } = setUp()
    opens()
    await settled()
    state.now = 60_000
    isSevered()
    abort()
    expect(state.unread).toBe(0)
  })

  it('is nobody when it leaves before, and the same as before when it opens it again', async () => {
    const gone = setUp()
    gone.state.now = 1_000
    gone.abort()
    const again = setUp({ resume: { client: 'c' as ClientId, incarnation: 1 } })
    again.fails()
    await settled()
    expect([gone, again].map(({ state }) => state.unread)).toEqual([0, 0])
  })
})

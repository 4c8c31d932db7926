/** A leader tab whose worker has said that it is there, and then answers nobody. */
import { describe, expect, it } from 'vitest'
import { type HubWord, hubName } from '../../protocol/hub.js'
import { createMemoryBuses } from '../../testing/memory-bus.js'
import { createVirtualClock } from '../../testing/virtual-clock.js'
import { createLeaderTab } from './leader-tab.js'

const LINE = 'line'
const PLACE = { accused: [], isHubTaken: false }

function setUp() {
  const clock = createVirtualClock()
  const buses = createMemoryBuses()
  /** What was asked of the worker, and said to all. */
  const log: string[] = []
  const state = { isRunning: true }
  buses.open(hubName(LINE), (message) => {
    if ((message as HubWord).kind === 'doubt') log.push('doubt')
  })
  const own = createLeaderTab({
    environment: { ...clock, random: () => 0.5 },
    line: LINE,
    openBroadcast: buses.open,
    queueForLock(_, run) {
      run()
      return () => {}
    },
    whenLockFree: () => () => {},
    freeLock() {},
    openDedicated: () => ({
      postMessage: ({ kind }) => log.push(kind),
      terminate() {
        state.isRunning = false
      },
      addEventListener(type: string, run: (event: { data: unknown }) => void) {
        if (type === 'message') run({ data: 'here' })
      },
    }),
    onMoved() {},
  })
  return { clock, log, state, own }
}

describe('a leader tab', () => {
  it('[P12][F2][S155] doubts a worker that has shown no life, when another name is asked for', async () => {
    const { clock, log, state, own } = setUp()
    own.open(LINE, PLACE)
    own.open(LINE, PLACE)
    await clock.advance(60_000)
    expect([log, state.isRunning]).toEqual([['lead'], true])

    own.open(`${LINE}#1`, PLACE)
    await clock.advance(2_000)
    expect([log, state.isRunning]).toEqual([['lead', 'ping', 'doubt'], false])
  })
})

import { describe, expect, it } from 'vitest'
import { NOW, online, STATES } from '../../testing/connection-specimens.js'
import { publicState } from './public-state.js'
import type { State } from './state.js'

/** docs/STATES.md, row by row: monotonic times are shown as those of a wall clock. */
const shown = (state: State) => publicState(state, (at) => at + 0.4 + 1_000_000)

const error = { code: 'exhausted', details: { attempts: 3 }, message: 'No more.' } as const

describe('[P9][S44] what tabs are shown', () => {
  const rows: [name: string, state: State, expected: unknown][] = [
    ['idle', STATES.idle, { state: 'connecting', attempt: 0 }],
    ['opening', STATES.opening, { state: 'connecting', attempt: 4 }],
    ['greeting', STATES.greeting, { state: 'connecting', attempt: 4 }],
    [
      'waiting',
      STATES.waiting,
      { state: 'reconnecting', attempt: 4, retryAt: NOW + 1_003_000, cause: 'network' },
    ],
    ['online, unmeasured', online, { state: 'online', latencies: [] }],
    [
      'online',
      { ...online, latencies: [40, 42] },
      { state: 'online', latency: 42, latencies: [40, 42] },
    ],
    [
      'paused by the token alone',
      { ...STATES.paused, reasons: new Set(['unauthorized']) },
      { state: 'unauthorized', cause: 'auth' },
    ],
    [
      'paused by somebody too',
      { ...STATES.paused, reasons: new Set(['unauthorized', 'hidden', 'user']) },
      { state: 'offline', cause: 'paused', reasons: ['hidden', 'user'] },
    ],
    ['stopped', STATES.stopped, { state: 'stopped', cause: 'fatal' }],
    [
      'stopped with an error',
      { ...STATES.stopped, error },
      { state: 'stopped', cause: 'fatal', error },
    ],
  ]
  it.each(rows)('%s', (_, state, expected) => {
    expect(shown(state)).toEqual(expected)
  })
})

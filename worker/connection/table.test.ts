import { describe, expect, it } from 'vitest'
import { FACTS, NOW, outcomeOf, STATES } from '../../testing/connection-specimens.js'
import type { Happening, State } from './state.js'
import { deadlineOf } from './step.js'

/**
 * docs/STATES.md, cell by cell. `stays`: the same reference, no effect. `same + …`: effects only.
 * A missing cell does not compile.
 */
const TABLE: Record<State['name'], Record<Happening['type'], string>> = {
  idle: {
    started: 'opening + open-socket',
    'closed-by-us': 'stays',
    'socket-opened': 'stays',
    welcomed: 'stays',
    heard: 'stays',
    'pong-received': 'stays',
    'drain-announced': 'stays',
    'socket-closed': 'stays',
    violated: 'stays',
    suspected: 'stays',
    'reconnect-asked': 'stays',
    'pause-asked': 'idle',
    'resume-asked': 'stays',
    'health-told': 'stays',
    'token-changed': 'stays',
    'deadline-passed': 'stays',
  },
  waiting: {
    started: 'stays',
    'closed-by-us': 'idle + close-socket 1000',
    'socket-opened': 'stays',
    welcomed: 'stays',
    heard: 'stays',
    'pong-received': 'stays',
    'drain-announced': 'stays',
    'socket-closed': 'stays',
    violated: 'stays',
    suspected: 'waiting',
    'reconnect-asked': 'opening + open-socket',
    'pause-asked': 'paused',
    'resume-asked': 'stays',
    'health-told': 'waiting',
    'token-changed': 'stays',
    'deadline-passed': 'opening + open-socket',
  },
  opening: {
    started: 'stays',
    'closed-by-us': 'idle + close-socket 1000',
    'socket-opened': 'greeting + greet',
    welcomed: 'stays',
    heard: 'stays',
    'pong-received': 'stays',
    'drain-announced': 'stays',
    'socket-closed': 'waiting + close-socket 1000',
    violated: 'waiting + close-socket 4000',
    suspected: 'stays',
    'reconnect-asked': 'stays',
    'pause-asked': 'paused + close-socket 1000',
    'resume-asked': 'stays',
    'health-told': 'stays',
    'token-changed': 'stays',
    'deadline-passed': 'waiting + close-socket 1000',
  },
  greeting: {
    started: 'stays',
    'closed-by-us': 'idle + close-socket 1000',
    'socket-opened': 'stays',
    welcomed: 'online',
    heard: 'stays',
    'pong-received': 'stays',
    'drain-announced': 'stays',
    'socket-closed': 'waiting + close-socket 1000',
    violated: 'waiting + close-socket 4000',
    suspected: 'stays',
    'reconnect-asked': 'stays',
    'pause-asked': 'paused + close-socket 1000',
    'resume-asked': 'stays',
    'health-told': 'stays',
    'token-changed': 'stays',
    'deadline-passed': 'waiting + close-socket 1000',
  },
  online: {
    started: 'stays',
    'closed-by-us': 'idle + close-socket 1000',
    'socket-opened': 'stays',
    welcomed: 'stays',
    heard: 'online',
    'pong-received': 'online',
    'drain-announced': 'online',
    'socket-closed': 'waiting + close-socket 1000',
    violated: 'waiting + close-socket 4000',
    suspected: 'online + send-ping',
    'reconnect-asked': 'opening + close-socket 1000, open-socket',
    'pause-asked': 'paused + close-socket 1000',
    'resume-asked': 'stays',
    'health-told': 'stays',
    'token-changed': 'stays',
    'deadline-passed': 'waiting + close-socket 1000',
  },
  paused: {
    started: 'stays',
    'closed-by-us': 'idle + close-socket 1000',
    'socket-opened': 'stays',
    welcomed: 'stays',
    heard: 'stays',
    'pong-received': 'stays',
    'drain-announced': 'stays',
    'socket-closed': 'stays',
    violated: 'stays',
    suspected: 'stays',
    'reconnect-asked': 'stays',
    'pause-asked': 'paused',
    'resume-asked': 'opening + open-socket',
    'health-told': 'stays',
    'token-changed': 'stays',
    'deadline-passed': 'stays',
  },
  stopped: {
    started: 'stays',
    'closed-by-us': 'idle + close-socket 1000',
    'socket-opened': 'stays',
    welcomed: 'stays',
    heard: 'stays',
    'pong-received': 'stays',
    'drain-announced': 'stays',
    'socket-closed': 'stays',
    violated: 'stays',
    suspected: 'stays',
    'reconnect-asked': 'opening + open-socket',
    'pause-asked': 'paused',
    'resume-asked': 'stays',
    'health-told': 'stays',
    'token-changed': 'stays',
    'deadline-passed': 'stays',
  },
}

describe('[S1] the transition table', () => {
  for (const [name, row] of Object.entries(TABLE)) {
    for (const [type, expected] of Object.entries(row)) {
      it(`${name} × ${type} → ${expected}`, () => {
        const state = STATES[name as State['name']]
        const happening = FACTS[type as Happening['type']]
        const now = type === 'deadline-passed' ? (deadlineOf(state) ?? NOW) : NOW
        expect(outcomeOf(state, happening, now)).toBe(expected)
      })
    }
  }

  it('[S3] lets a deadline that is not due yet change nothing', () => {
    for (const state of Object.values(STATES)) {
      expect(outcomeOf(state, FACTS['deadline-passed'], NOW)).toBe('stays')
    }
  })
})

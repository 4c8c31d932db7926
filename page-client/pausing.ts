/**
 * Owns what this tab knows of a pause that somebody asked for. The broker keeps it, for all tabs; when
 * that one dies, the first tab at the next one brings it along (P12). What this tab has asked for and
 * nobody has confirmed is asked again.
 */
import type { Hello } from '../protocol/port.js'
import type { Status } from '../protocol/status.js'
import type { RemoteBroker } from './remote-broker.js'

export interface Pausing {
  ask(what: 'pause' | 'resume'): void
  hello(): Pick<Hello, 'isPaused'>
  /** A broker is there, and knows what the hello said. */
  attached(): void
  /** By a broker: what the page shows while there is none says nothing of a pause. */
  told(status: Status): void
}

export function createPausing(broker: () => RemoteBroker | undefined): Pausing {
  let isPaused = false
  let asked: { readonly what: 'pause' | 'resume' } | undefined

  function say(): void {
    const own = asked
    if (!own) return
    void broker()
      ?.[own.what]()
      .then(
        () => {
          if (asked !== own) return
          asked = undefined
          // It may die before it has told what came of it.
          isPaused = own.what === 'pause'
        },
        // It died with the question, which is put to the next one.
        () => {},
      )
  }

  return {
    ask(what) {
      asked = { what }
      say()
    },
    hello: () => ((asked ? asked.what === 'pause' : isPaused) ? { isPaused: true } : {}),
    attached: say,
    told(status) {
      isPaused = status.state === 'offline' && status.reasons.includes('user')
    },
  }
}

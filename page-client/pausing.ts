/**
 * Owns what this tab knows of a pause that somebody asked for. The broker keeps it, for all tabs; when
 * that one dies, the first tab at the next one brings it along (P12). What this tab has asked for and
 * nobody has confirmed is asked again.
 */
import type { Hello } from '../protocol/port.js'
import type { Status } from '../protocol/status.js'
import type { Readable } from './readable.js'
import type { RemoteBroker } from './remote-broker.js'

export interface Pausing {
  ask(what: 'pause' | 'resume'): void
  hello(): Pick<Hello, 'isPaused'>
  /** A broker is there, and knows what the hello said. */
  attached(): void
}

export interface PausingOptions {
  broker(): RemoteBroker | undefined
  readonly status: Pick<Readable<Status>, 'value'>
}

export function createPausing({ broker, status }: PausingOptions): Pausing {
  let asked: { readonly what: 'pause' | 'resume' } | undefined

  function say(): void {
    const own = asked
    if (!own) return
    void broker()
      ?.[own.what]()
      .then(
        () => {
          if (asked === own) asked = undefined
        },
        // It died with the question, which is put to the next one.
        () => {},
      )
  }

  function isPaused(): boolean {
    if (asked) return asked.what === 'pause'
    const { value } = status
    return value.state === 'offline' && value.reasons.includes('user')
  }

  return {
    ask(what) {
      asked = { what }
      say()
    },
    hello: () => (isPaused() ? { isPaused: true } : {}),
    attached: say,
  }
}

/**
 * Owns what it means for a pause that nobody looks or nobody is there. It runs on the worker's clock,
 * because that of a hidden page rings once a minute at best (F45).
 *
 * With every tab hidden for too long the line rests, if the app chose so, and it is back when one is
 * seen. Without a tab no pause holds that somebody would have to end: what is queued goes out (P2).
 */
import type { Clock } from '../clock.js'
import type { Connection } from './connection.js'

export interface AbsenceOptions {
  readonly clock: Clock
  /** Absent: the line does not mind. */
  readonly pauseHidden: number | undefined
  readonly connection: Pick<Connection, 'pause' | 'resume'>
}

export interface Attendance {
  readonly tabs: number
  /** How many of them somebody can see. */
  readonly visible: number
  readonly queued: number
}

export interface Absence {
  /** Said again whenever it changes. */
  consider(attendance: Attendance): void
  close(): void
}

export function createAbsence({ clock, pauseHidden, connection }: AbsenceOptions): Absence {
  let stop: (() => void) | undefined

  function endWait(): void {
    stop?.()
    stop = undefined
  }

  return {
    consider({ tabs, visible, queued }) {
      if (visible || !tabs) endWait()
      else if (pauseHidden !== undefined) {
        stop ??= clock.after(pauseHidden, () => connection.pause('hidden'))
      }
      if (!tabs && queued) connection.resume('user')
      if (visible || (!tabs && queued)) connection.resume('hidden')
    },
    close: endWait,
  }
}

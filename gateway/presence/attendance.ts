/**
 * Owns what one connection wants of presence: what it shows of itself, and where it watches. What it
 * says of a channel replaces what it said before; where the app is asked first, the newest counts.
 *
 * What is refused is as if it had not been wanted: nobody is shown with what it may not show (P13).
 */
import type { UpBody } from '../../protocol/wire/frames-up.js'
import { isJson } from '../operations/json.js'
import type { Permit } from '../session/permit.js'
import type { Holder, Watcher } from './room.js'
import type { Roster } from './roster.js'

type Wanted = UpBody<'presence'>

export interface Attendance {
  /** What the hello says. `say` may have to wait; the client's seats are safe until it is done. */
  begin(all: readonly Wanted[], say: (wanted: Wanted) => void): void
  /** Rejects when the app fails. */
  say(wanted: Wanted): Promise<void>
  /** The connection is gone. */
  close(): void
}

export interface AttendanceOptions {
  readonly roster: Roster
  readonly permit: Permit
  readonly holder: Holder
  readonly watcher: Watcher
  /** The client understands what a watcher is told. */
  readonly mayWatch: boolean
  readonly stateChars: number
  readonly channels: number
  readonly onRefused: () => void
}

export function createAttendance(options: AttendanceOptions): Attendance {
  const { roster, permit, holder, watcher, stateChars, channels, onRefused } = options
  /** What was said last of each channel, where that is not nothing. */
  const said = new Map<string, Wanted>()
  let isClosed = false

  /** Without the parts that cannot be. */
  function possible({ channel, watch, state }: Wanted): Wanted {
    const wanted = { channel, watch: watch && options.mayWatch }
    if (state === undefined) return wanted
    if (state.length <= stateChars && isJson(state)) return { ...wanted, state }
    onRefused()
    return wanted
  }

  function take({ channel, watch, state }: Wanted): void {
    if (state === undefined) roster.stand(channel, holder.author)
    else roster.sit(channel, holder, state)
    if (watch) roster.watch(channel, watcher)
    else roster.unwatch(channel, watcher)
  }

  function leave(channel: string): void {
    said.delete(channel)
    take({ channel, watch: false })
  }

  return {
    begin(all, say) {
      for (const [index, wanted] of all.entries()) {
        if (index >= channels) onRefused()
        else {
          roster.adopt(wanted.channel, holder)
          say(wanted)
        }
      }
    },
    async say(given) {
      const wanted = possible(given)
      const { channel, watch, state } = wanted
      if (!watch && state === undefined) return leave(channel)
      if (!said.has(channel) && said.size >= channels) return onRefused()
      said.set(channel, wanted)
      const denial = await permit({ action: 'presence', channel })
      if (isClosed || said.get(channel) !== wanted) return
      if (!denial) return take(wanted)
      onRefused()
      leave(channel)
    },
    close() {
      if (isClosed) return
      isClosed = true
      for (const channel of said.keys()) roster.unwatch(channel, watcher)
      said.clear()
      roster.lose(holder)
    },
  }
}

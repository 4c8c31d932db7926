/**
 * Owns the judgement of a line that is driven only to be emptied (P2): when it has nothing more to
 * send, and when it can go no further. The line itself is the broker's, subscribed to nothing.
 */
import type { TokenReply } from '../protocol/port.js'
import type { LineState } from '../protocol/status.js'
import { createLine, type Line, type LineDependencies } from './line.js'

export interface GuestLineOptions
  extends Omit<LineDependencies, 'onState' | 'onOutcome' | 'onOutbox' | 'onParked'> {
  onEnd(ending: 'empty' | 'unauthorized' | 'stopped'): void
}

export function createGuestLine(options: GuestLineOptions): Line {
  const { clock, onEnd } = options
  let state: LineState['state'] = 'connecting'
  /** Questions for a token that have not been answered yet. */
  let asked = 0

  function ask(): Promise<TokenReply> {
    asked += 1
    const answer = options.tokens.ask()
    const answered = (): void => {
      asked -= 1
      consider()
    }
    // In a turn of its own: by then the connection has made up its mind about the answer.
    void answer.then(() => clock.after(0, answered))
    return answer
  }

  function consider(): void {
    if (line?.outbox.queued === 0) onEnd('empty')
    else if (state === 'stopped') onEnd('stopped')
    else if (state === 'unauthorized' && !asked) onEnd('unauthorized')
  }

  // What expired on the disk ends while the line is being made.
  let line: Line | undefined
  line = createLine({
    ...options,
    tokens: { isNeeded: options.tokens.isNeeded, ask },
    onState(next) {
      state = next.state
      consider()
    },
    onOutcome: consider,
    onOutbox: consider,
    onParked() {},
  })
  return line
}

/**
 * Owns where one channel stands with the server: what it was asked, from where it goes on, what it calls
 * the position before the first event, and where a replay ends. Position and epoch move together,
 * always (F39); a batch that does not follow on is not taken (P6).
 *
 * It does not know who reads, nor what becomes of the events.
 */
import type { Cursor, EventId } from '../../protocol/ids.js'
import type { From } from '../../protocol/port.js'
import type { ChannelAnswer, DownBody, GapReason } from '../../protocol/wire/frames-down.js'
import type { UpBody } from '../../protocol/wire/frames-up.js'

export type Start = UpBody<'subscribe'>['cursor']
type Position = Exclude<ChannelAnswer, { state: 'denied' }>

export interface Standing {
  /** The last event that is here; undefined until the server has said where it goes on. */
  readonly cursor: Cursor | undefined
  /** The server has answered on this connection: what it sends now is ours. */
  readonly isLive: boolean
  /** It was asked, and has not answered yet. */
  readonly isAwaited: boolean
  /** What was asked for the last time. */
  readonly asked: Start
  /** In a replay: whoever asked for `now` begins after this event. */
  readonly presentFrom: EventId | undefined
  /** The place that somebody means who says `from`; undefined: wherever the server is. */
  placeOf(from: From): Start
  /** Where to begin, as long as nobody has said so. */
  begin(from: From): void
  /** What to ask the server; nothing is live until the answer. */
  ask(): Start
  /** Takes the answer, and says why events are missing, if they are. */
  answered(answer: Position): GapReason | undefined
  /** The server goes on elsewhere, behind a gap. */
  jump(to: Cursor): void
  follows(frame: DownBody<'events'>): boolean
  /** This event is here; says whether the replay is over with it. */
  passed(id: EventId): boolean
  lost(): void
}

/** `last`: what this origin has seen of the channel. */
export function createStanding(last: () => Cursor | undefined): Standing {
  let start: Start
  let asked: Start
  let cursor: Cursor | undefined
  let isLive = false
  let isAwaited = false
  let presentFrom: EventId | undefined
  /** What this server calls the position before the first event; others may call it by the empty id. */
  let beginning: EventId | undefined

  function placeOf(from: From): Start {
    const at = from === 'now' ? undefined : from === 'last' ? last() : from.after
    return at?.id === '' && beginning !== undefined ? { ...at, id: beginning } : at
  }

  function jump(to: Cursor): void {
    cursor = to
    isLive = true
    presentFrom = undefined
    beginning = undefined
  }

  return {
    get cursor() {
      return cursor
    },
    get isLive() {
      return isLive
    },
    get isAwaited() {
      return isAwaited
    },
    get asked() {
      return asked
    },
    get presentFrom() {
      return presentFrom
    },
    placeOf,
    begin(from) {
      start ??= placeOf(from)
    },
    ask() {
      isLive = false
      isAwaited = true
      asked = cursor ?? start
      return asked
    },
    answered(answer) {
      isAwaited = false
      const { epoch, id } = answer
      const expected = isLive ? cursor : asked
      const isThere = !expected || expected.id === id || expected.id === ''
      const isSame = isThere && (expected?.epoch ?? epoch) === epoch
      const reason = answer.state === 'gap' ? answer.reason : isSame ? undefined : 'epoch'
      if (reason) jump({ epoch, id })
      else {
        if (expected?.id === '') beginning = id
        cursor = { epoch, id }
        isLive = true
        presentFrom = answer.state === 'replay' ? answer.head : undefined
      }
      return reason
    },
    jump,
    follows: ({ epoch, after }) => epoch === cursor?.epoch && after === cursor.id,
    passed(id) {
      if (cursor) cursor = { epoch: cursor.epoch, id }
      if (id !== presentFrom) return false
      presentFrom = undefined
      return true
    },
    lost() {
      isLive = false
      isAwaited = false
    },
  }
}

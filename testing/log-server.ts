/**
 * Owns a server with one channel's log, as the channels of a line see it: it looks at questions when
 * told to, reads pages when told to and sends them later, sends events as far as it has come, trims,
 * and loses its history. Ids are dense numbers, so that a checker can count.
 */
import type { Cursor } from '../protocol/ids.js'
import type { DownBody, GapReason } from '../protocol/wire/frames-down.js'
import type { UpBody, UpFrame } from '../protocol/wire/frames-up.js'
import type { Channels } from '../worker/channels/channels.js'
import { at, NEWS } from './channels-world.js'

interface World {
  readonly channels: Channels
  readonly sent: UpFrame[]
  setOnline(value: boolean): void
}

export interface LogServer {
  readonly head: number
  /** The last event that is gone. */
  readonly floor: number
  readonly epoch: string
  readonly isUp: boolean
  /** Pages that were sent. */
  readonly pages: number
  publish(count: number): void
  trim(to: number): void
  /** A copy from yesterday: another epoch, and the last events never were. */
  rollBack(by: number): void
  cut(): void
  resume(): void
  /** Looks at the next question. */
  look(): boolean
  /** Sends the next events of the subscription. */
  pump(count: number): boolean
  /** Sends the next page that was read. */
  deliver(): boolean
}

const PAGE = 5

export function createLogServer(world: World, before: number): LogServer {
  let head = before
  let floor = 0
  let epochs = 1
  let isUp = true
  let pages = 0
  /** Where the subscription stands; undefined: there is none. */
  let sentTo: number | undefined
  let read: DownBody<'page'>[] = []

  const epoch = (): string => `e${epochs}`
  const cursor = (id: number): Cursor => at(String(id), epoch())
  const run = (after: number, count: number): [string, string][] =>
    Array.from({ length: count }, (_, i) => [String(after + i + 1), `"${after + i + 1}"`])

  function refusal({ epoch: of, id }: UpBody<'fetch'>['cursor']): GapReason | undefined {
    if (of !== undefined && of !== epoch()) return 'epoch'
    if (Number(id) > head) return 'ahead'
    return Number(id) < floor ? 'trimmed' : undefined
  }

  function answer({ cursor: from }: UpBody<'subscribe'>): void {
    const reason = from && refusal(from)
    const id = from && !reason ? Number(from.id) : head
    sentTo = id
    const base = { channel: NEWS, ...cursor(id) }
    if (reason) world.channels.answered({ ...base, state: 'gap', reason })
    else if (id === head) world.channels.answered({ ...base, state: 'ok' })
    else world.channels.answered({ ...base, state: 'replay', head: String(head) as never })
  }

  function turn({ id, cursor: from }: UpBody<'fetch'>): void {
    const reason = refusal(from)
    if (reason) {
      read.push({ id, state: 'gap', epoch: epoch(), head: String(head), reason } as never)
      return
    }
    const after = Number(from.id)
    const events = run(after, Math.min(PAGE, head - after))
    const more = after + events.length < head
    const page = { id, state: 'events', epoch: epoch(), after: from.id, events, more }
    read.push(page as unknown as DownBody<'page'>)
  }

  function gap(reason: GapReason): void {
    sentTo = head
    world.channels.gapped({ channel: NEWS, reason, ...cursor(head) })
  }

  return {
    get head() {
      return head
    },
    get floor() {
      return floor
    },
    get epoch() {
      return epoch()
    },
    get isUp() {
      return isUp
    },
    get pages() {
      return pages
    },
    publish(count) {
      head += count
    },
    trim(to) {
      floor = Math.max(floor, Math.min(to, head))
    },
    rollBack(by) {
      epochs += 1
      head = Math.max(floor, head - by)
      if (sentTo !== undefined) gap('epoch')
    },
    cut() {
      if (!isUp) return
      isUp = false
      sentTo = undefined
      read = []
      world.sent.length = 0
      world.setOnline(false)
    },
    resume() {
      if (isUp) return
      isUp = true
      world.setOnline(true)
      for (const channel of world.channels.hello().channels) answer(channel)
      world.channels.welcomed(10)
    },
    look() {
      const frame = world.sent.shift()
      if (!frame) return false
      if (frame[0] === 'subscribe') answer(frame[1])
      else if (frame[0] === 'unsubscribe') sentTo = undefined
      else if (frame[0] === 'fetch') turn(frame[1])
      return true
    },
    pump(count) {
      if (sentTo === undefined || sentTo >= head) return false
      if (sentTo < floor) gap('slow')
      else {
        const events = run(sentTo, Math.min(count, head - sentTo))
        const after = String(sentTo)
        sentTo += events.length
        world.channels.received({ channel: NEWS, epoch: epoch(), after, events } as never)
      }
      return true
    },
    deliver() {
      const page = read.shift()
      if (!page) return false
      pages += 1
      world.channels.paged(page)
      return true
    },
  }
}

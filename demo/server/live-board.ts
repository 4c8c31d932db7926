/**
 * Owns one board in the server's memory: the fold of its channel, from the first event on. The log is
 * the truth; a bell says when to read on, and reading alone moves the state.
 *
 * Between a verdict and its commit another command may be judged. What was granted and is not yet in
 * the log therefore counts already, for a short while: should the commit fail, it is forgotten.
 */
import type { Log } from 'partyline/gateway'
import { type Board, EMPTY_BOARD } from '../shared/board.js'
import type { Command } from '../shared/commands.js'
import { type BoardEvent, happen } from '../shared/events.js'
import { fold } from '../shared/fold.js'
import type { Snapshot } from '../shared/snapshot.js'
import { type Judgement, judge } from './rules.js'

export type Cursor = Awaited<ReturnType<Log['position']>>

export interface LiveBoard {
  /** The state as far as the log has it, with the position it stands for (P6). */
  snapshot(): Promise<Snapshot<Cursor>>
  /** Undefined: it is so already. */
  decide(command: Command, by: { readonly key: string; readonly name: string }): Promise<Verdict>
  close(): void
}

export type Verdict =
  | { readonly verdict: 'granted'; readonly event: BoardEvent }
  | Exclude<Judgement, { readonly verdict: 'granted' }>

export interface LiveBoardOptions {
  readonly channel: string
  readonly log: Pick<Log, 'read' | 'position' | 'follow'>
  /** Wall-clock milliseconds. */
  readonly now: () => number
}

const PAGE = 1000
/** A commit that takes longer has failed. */
const COMMIT_MS = 5000

export function createLiveBoard({ channel, log, now }: LiveBoardOptions): LiveBoard {
  let confirmed: Board = EMPTY_BOARD
  let at: Cursor | undefined
  /** Where the channel stands before its first event. */
  let origin: Cursor | undefined
  let granted: readonly { readonly event: BoardEvent; readonly since: number }[] = []
  let isBehind = true
  let reading: Promise<void> | undefined

  const following = log.follow(channel, () => {
    isBehind = true
    readOn().catch(() => undefined)
  })

  /** One reader at a time; what rings meanwhile is read in the same go. */
  function readOn(): Promise<void> {
    reading ??= readAll().finally(() => {
      reading = undefined
    })
    return reading
  }

  async function readAll(): Promise<void> {
    await following
    while (isBehind) {
      isBehind = false
      try {
        await readPages()
      } catch (error) {
        isBehind = true
        throw error
      }
    }
  }

  async function readPages(): Promise<void> {
    for (;;) {
      const page = await log.read(channel, at ?? BEGINNING, PAGE)
      if (page.state === 'gap') throw new Error(`${channel}: the log has a gap (${page.reason})`)
      for (const [id, payload] of page.events) {
        const event = JSON.parse(payload) as BoardEvent
        confirmed = fold(confirmed, event)
        at = { epoch: page.epoch, id }
        granted = granted.filter((one) => one.event.key !== event.key)
      }
      if (page.events.length < PAGE) break
    }
    if (at) return
    // The position of a channel that never spoke. Should it speak just now, the bell has rung, and
    // the state is read on before anybody is answered.
    origin = await log.position(channel)
  }

  async function caughtUp(): Promise<Cursor> {
    while (isBehind || reading) await readOn()
    const position = at ?? origin
    if (!position) throw new Error(`${channel}: no position`)
    return position
  }

  return {
    async snapshot() {
      const position = await caughtUp()
      return { state: confirmed, at: position }
    },
    async decide(command, { key, name }) {
      await caughtUp()
      const since = now()
      granted = granted.filter((one) => since - one.since < COMMIT_MS && one.event.key !== key)
      const expected = granted.reduce((board, { event }) => fold(board, event), confirmed)
      const judgement = judge(expected, command)
      if (judgement.verdict !== 'granted') return judgement
      const event = happen(command, { key, by: name, at: since })
      granted = [...granted, { event, since }]
      return { verdict: 'granted', event }
    },
    close() {
      following.then(
        (stop) => stop(),
        () => undefined,
      )
    },
  }
}

/** Before the first event of any history. */
const BEGINNING = { id: '' } as Parameters<Log['read']>[1]

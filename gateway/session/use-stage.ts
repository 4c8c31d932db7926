/**
 * Owns the set-up of the session tests: one stage at a time, struck after each test, and the two
 * readings that most of them end with.
 */
import { afterEach } from 'vitest'
import type { EventId } from '../../protocol/ids.js'
import { type Actor, createStage, type Stage, type StageOptions } from './stage.js'

export interface StageHands {
  /** Strikes the stage before, if there is one, and builds another. */
  play(options?: StageOptions): Promise<Stage>
  /** Every payload of the channel `board`, oldest first. */
  board(): Promise<string[]>
}

/** To be called at the top of a test file. */
export function useStage(): StageHands {
  let stage: Stage | undefined

  async function strike(): Promise<void> {
    await stage?.close()
    stage = undefined
  }

  afterEach(strike)

  return {
    async play(options) {
      await strike()
      stage = await createStage(options)
      return stage
    },
    async board() {
      if (!stage) throw new Error('no stage: play first')
      const page = await stage.switchboard.read('board', { id: '' as EventId }, 9_999)
      if (page.state === 'gap') throw new Error(page.reason)
      return page.events.map(([, payload]) => payload)
    },
  }
}

/** Acks and nacks in order, shortened: what was acked up to, or the code of what was not. */
export const answers = ({ socket }: Actor): unknown[] =>
  socket.frames.flatMap<unknown>((frame) => {
    if (frame[0] === 'ack') return [['ack', frame[1].seq]]
    return frame[0] === 'nack' ? [[frame[1].code, frame[1].seq]] : []
  })

/**
 * Owns the contract suite that every log passes: the `Log` port as tests. It knows no engine; an
 * engine's test calls `checkLog` with a way to open one, and to open the same one again.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EventId } from '../../protocol/ids.js'
import type { Log } from './log.js'
import { checkChannels } from './log-contract-channels.js'
import { author, everything, payloadsOf, REFUSES, says } from './log-contract-fixtures.js'
import { checkMemory } from './log-contract-memory.js'
import { checkOperations } from './log-contract-operations.js'

export interface LogUnderTest {
  open(options?: { retain?: number }): Promise<Log>
  /** Opens what `open` made again, as after a restart; absent: nothing outlives the process. */
  reopen?: (() => Promise<Log>) | undefined
  /** The same, so many milliseconds later. */
  reopenAfter?: ((ms: number) => Promise<Log>) | undefined
  /** Copies the closed log, and returns the way to open it as it was then. */
  backup?: (() => () => Promise<Log>) | undefined
  /** How long keys and lanes are remembered here; asked with `reopenAfter`. */
  readonly keep?: { readonly keysMs: number; readonly lanesMs: number } | undefined
}

export function checkLog(name: string, make: () => LogUnderTest): void {
  describe(`the log contract: ${name}`, () => {
    let log: Log
    let subject: LogUnderTest

    beforeEach(async () => {
      subject = make()
      log = await subject.open()
    })
    afterEach(() => log.close())

    checkOperations(() => log)
    checkChannels(() => log)
    checkMemory({
      subject: () => subject,
      log: () => log,
      use: (next) => {
        log = next
      },
    })

    test('[P14] [G20] keeps no more than it was told to', async () => {
      await log.close()
      log = await make().open({ retain: 3 })
      const ids = await Promise.all([1, 2, 3, 4, 5].map((n) => log.append('board', `${n}`)))
      expect(await log.read('board', { id: ids[0] as EventId }, 9)).toMatchObject({
        reason: 'trimmed',
      })
      expect(payloadsOf(await log.read('board', { id: ids[1] as EventId }, 9))).toEqual([
        '3',
        '4',
        '5',
      ])
      expect(await log.tail('board', 9)).toMatchObject({ after: ids[1] })
    })

    test('refuses work after close, and closes twice', async () => {
      await log.close()
      await log.close()
      await expect(log.append('board', '1')).rejects.toThrow()
    })

    test('[P2] [P3] remembers events, epoch, numbers and answers over a restart', async () => {
      if (!subject.reopen) return
      const first = await log.commit(author(1), says('1'))
      await log.commit(author(2), REFUSES)
      const position = await log.position('board')
      await log.close()
      log = await subject.reopen()
      expect(await log.position('board')).toEqual(position)
      expect(await everything(log)).toEqual(['1'])
      expect(await log.commit(author(1), says('1'))).toEqual({ ...first, state: 'duplicate' })
      expect(await log.commit(author(2), says('2'))).toMatchObject({ answer: { ok: false } })
      expect(await log.commit(author(3), says('3'))).toMatchObject({ state: 'applied' })
    })
  })
}

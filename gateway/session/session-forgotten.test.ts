import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { at, op } from './stage.js'
import { answers, useStage } from './use-stage.js'

const { play, board } = useStage()

const folder = mkdtempSync(join(tmpdir(), 'partyline-forgotten-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const newFile = (): string => join(folder, `${++files}.db`)

const DAY = 86_400_000
const lane = (seq: number, epoch = 1) => ({ lanes: [{ lane: 'board', epoch, seq }] })

describe('what the log forgets', () => {
  test('[F31] the welcome says how long keys are remembered', async () => {
    const { enter } = await play({ keysMs: 3 * DAY })
    expect((await enter()).socket.bodies('welcome')[0]?.limits).toMatchObject({
      keys: 3 * DAY,
      window: 1_024,
    })
  })

  test('[P3] [F29] [F31] a retry after the dedupe window still gets the answer that its lane keeps', async () => {
    const file = newFile()
    const before = await play({ file })
    await (await before.enter()).say(op(1), op(2))
    const { enter } = await play({ file, laterMs: 30 * DAY })
    const ann = await enter(lane(1))
    await ann.say(op(1), op(2), op(3))
    const [ack] = ann.socket.bodies('ack')
    expect(ack?.results).toEqual([1, 2, 3].map((n) => [n, `{"id":"${n}"}`]))
    expect(await board()).toEqual(['1', '2', '3'])
  })

  test('[P5] [F31] [G11] one whose answer is gone is told that its outcome is unknown, never a guess', async () => {
    const file = newFile()
    const before = await play({ file })
    await (await before.enter()).say(op(1), op(2))
    // It says that 1 is settled; then its disk is put back to where it was not.
    await before.enter(lane(2))
    const { enter, switchboard } = await play({ file, laterMs: 30 * DAY })
    const ann = await enter(lane(1))
    await ann.say(op(1), op(1, { withdrawn: true }), op(2), op(3))
    expect(answers(ann)).toEqual([
      ['outcome-unknown', 1],
      ['outcome-unknown', 1],
      ['ack', 3],
    ])
    expect(ann.socket.bodies('nack')[0]?.verdict).toBe('drop')
    expect(switchboard.stats()).toMatchObject({ unknown: 2, refused: 2 })
    expect(await board()).toEqual(['1', '2', '3'])
  })
})

describe('a log put back from a copy', () => {
  /** Two operations are in the copy, `more` others only in what was lost. */
  async function restored(more: number): Promise<string> {
    const file = newFile()
    const copy = newFile()
    const before = await play({ file })
    await (await before.enter()).say(op(1), op(2))
    await before.close()
    copyFileSync(file, copy)
    const after = await play({ file })
    const lost = Array.from({ length: more }, (_, index) => op(index + 3))
    await (await after.enter()).say(...lost)
    await after.close()
    copyFileSync(copy, file)
    return file
  }

  test('[P3] [P4] [F32] goes on where the client says that it stands', async () => {
    const file = await restored(2)
    const { enter } = await play({ file })
    const ann = await enter(lane(4))
    expect(ann.socket.bodies('welcome')[0]?.lanes).toEqual([{ lane: 'board', epoch: 1, seq: 3 }])
    // 4 took effect in what was lost, and its answer with it: it takes effect again, in order.
    await ann.say(op(4), op(5))
    expect(answers(ann)).toEqual([['ack', 5]])
    expect(await board()).toEqual(['1', '2', '4', '5'])
  })

  test('[P4] [F32] refuses numbers that nobody declared, and the new epoch repairs it', async () => {
    const file = await restored(3)
    const { enter } = await play({ file })
    const ann = await enter()
    await ann.say(op(5), op(6))
    expect(answers(ann)).toEqual([
      ['out-of-order', 5],
      ['out-of-order', 6],
    ])
    const again = (seq: number, key: string) => op(seq, { epoch: 2, key: key as never })
    await ann.say(again(1, 'board-1-5'), again(2, 'board-1-6'))
    expect(answers(ann).at(-1)).toEqual(['ack', 2])
    // What an older tab still says under the old count changes nothing.
    await ann.say(op(7), op(2))
    expect(answers(ann).slice(-2)).toEqual([
      ['stale-epoch', 7],
      ['ack', 2],
    ])
    expect(await board()).toEqual(['1', '2', '1', '2'])
  })

  test('[P6] [F32] tells a reader that is ahead of it', async () => {
    const file = await restored(3)
    const { enter } = await play({ file })
    const ann = await enter({ channels: [{ channel: 'board', cursor: at('5', 'epoch') }] })
    expect(ann.socket.bodies('welcome')[0]?.channels).toMatchObject([
      { state: 'gap', reason: 'ahead', id: '2' },
    ])
  })
})

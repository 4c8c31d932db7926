/** A page with a worker of its own that starts late, or not at all, or dies before it has answered. */
import { describe, expect, it } from 'vitest'
import { createVirtualClock } from '../../testing/virtual-clock.js'
import type { DedicatedWorker } from '../environment.js'
import { createPageHost } from './page-host.js'

const LINE = 'line'
const PLACE = { accused: [], isHubTaken: false }

interface Started {
  isRunning: boolean
  /** How often it was given a port. */
  ports: number
  say(): void
  err(): void
}

function setUp() {
  const clock = createVirtualClock()
  const workers: Started[] = []
  const counts = { moved: 0, failed: 0 }

  function openDedicated(): DedicatedWorker {
    const own: Started = { isRunning: true, ports: 0, say() {}, err() {} }
    workers.push(own)
    return {
      postMessage() {
        own.ports += 1
      },
      terminate() {
        own.isRunning = false
      },
      addEventListener(type: string, run: (event: { data: unknown }) => void) {
        const before = type === 'error' ? own.err : own.say
        const both = (): void => {
          before()
          run({ data: 'here' })
        }
        if (type === 'error') own.err = both
        else own.say = both
      },
    }
  }

  const host = createPageHost({
    environment: {
      now: clock.now,
      openPort(worker) {
        worker.postMessage({ kind: 'attach' })
        return {} as MessagePort
      },
    },
    openDedicated,
    onMoved() {
      counts.moved += 1
    },
  })
  const open = (name = LINE): void =>
    host.open(name, PLACE).addEventListener('error', () => {
      counts.failed += 1
    })
  return {
    clock,
    counts,
    host,
    open,
    worker: (index: number): Started => workers[index] as Started,
    running: (): number[] => workers.flatMap(({ isRunning }, i) => (isRunning ? [i] : [])),
  }
}

describe("a page's own worker", () => {
  it('[P12][S171] that says nothing for a second gets company, and who speaks first stays', async () => {
    const { clock, counts, open, worker, running } = setUp()
    open()
    await clock.advance(999)
    open()
    expect(running()).toEqual([0])
    await clock.advance(1)
    open()
    expect([running(), worker(0).ports, worker(1).ports]).toEqual([[0, 1], 2, 1])
    worker(1).say()
    expect([running(), counts.moved]).toEqual([[1], 0])
    await clock.advance(1_000)
    open()
    expect([running(), worker(1).ports]).toEqual([[1], 2])
  })

  it('[P12][S171] that was only slow to start is gone to, if it speaks before the other', async () => {
    const { clock, counts, open, worker, running } = setUp()
    open()
    await clock.advance(1_000)
    open()
    worker(0).say()
    expect([running(), counts.moved]).toEqual([[0], 1])
    worker(1).say()
    open()
    expect([running(), worker(0).ports, counts.moved]).toEqual([[0], 2, 1])
  })

  it('[P12][S171] that has spoken has five seconds for the next word', async () => {
    const { clock, open, worker, running } = setUp()
    open()
    worker(0).say()
    await clock.advance(3_600_000)
    open()
    await clock.advance(4_999)
    open()
    expect(running()).toEqual([0])
    await clock.advance(1)
    open()
    expect(running()).toEqual([0, 1])
    worker(1).say()
    expect(running()).toEqual([1])
  })

  it('[P12][F14] is not held silent for what its page has slept', async () => {
    const { clock, open, host, running } = setUp()
    open()
    host.sleep()
    await clock.advance(60_000)
    open()
    expect(running()).toEqual([0])
  })

  it('[P12] that speaks to a page that has gone is not gone to', async () => {
    const { clock, counts, open, host, worker, running } = setUp()
    open()
    await clock.advance(1_000)
    open()
    host.sleep()
    worker(0).say()
    expect([running(), counts.moved]).toEqual([[0], 0])
  })

  it('[P12] that fails is started again, and one beside it goes on', async () => {
    const { clock, counts, open, worker, running } = setUp()
    open()
    await clock.advance(1_000)
    open()
    worker(1).err()
    expect([running(), counts.failed]).toEqual([[0], 1])
    open()
    expect(running()).toEqual([0, 2])
    worker(2).say()
    worker(2).err()
    expect([running(), counts.failed]).toEqual([[2], 1])
  })

  it('[P13] is ended with all that stand beside it when the user signs out', async () => {
    const { clock, open, host, running } = setUp()
    open()
    await clock.advance(1_000)
    open()
    host.leave(true)
    expect(running()).toEqual([])
  })

  it('[P12] of another name takes the place of all that have never spoken', async () => {
    const { clock, open, worker, counts, running } = setUp()
    open()
    await clock.advance(1_000)
    open()
    open(`${LINE}#1`)
    expect(running()).toEqual([2])
    worker(0).say()
    expect([running(), counts.moved]).toEqual([[2], 0])
  })
})

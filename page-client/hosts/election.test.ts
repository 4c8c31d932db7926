/** The queue for the lead, with tabs that are nothing but their election. */
import { describe, expect, it } from 'vitest'
import type { HubWord } from '../../protocol/hub.js'
import { createMemoryBuses } from '../../testing/memory-bus.js'
import { createMemoryLocks } from '../../testing/memory-locks.js'
import { createVirtualClock, settled } from '../../testing/virtual-clock.js'
import { CLAIM_AFTER_MS, createElection } from './election.js'

function setUp() {
  const clock = createVirtualClock()
  const locks = createMemoryLocks()
  const buses = createMemoryBuses()
  const log: string[] = []
  const said: string[] = []

  function stand(name: string, isVisible: boolean, { canLead = true, retireMs = 0 } = {}) {
    const hub = buses.open('hub', (word) => election.heard(word as HubWord))
    const agent = locks.agent()
    const election = createElection({
      isVisible,
      after: clock.after,
      queue: (run, onLost) => agent.queue('leader', run, onLost),
      say(word) {
        said.push(`${name}: ${word.kind}`)
        hub.post(word)
      },
      lead() {
        log.push(canLead ? `${name} leads` : `${name} cannot`)
        if (!canLead) return undefined
        hub.post({ kind: 'here', host: name } satisfies HubWord)
        return {
          retire: () =>
            new Promise((resolve) =>
              clock.after(retireMs, () => {
                log.push(`${name} retires`)
                resolve()
              }),
            ),
          end: () => void log.push(`${name} ends`),
        }
      },
    })
    return { election, die: agent.kill }
  }

  return {
    clock,
    log,
    said,
    stand,
    /** What a tab does that takes the leader for one that hangs. */
    async free() {
      const letGo = await locks.agent().steal('leader')
      letGo()
      await settled()
    },
    /** What a SharedWorker does when it has come up. */
    claimAsWorker() {
      const hub = buses.open('hub', () => {})
      hub.post({ kind: 'claim', by: 'shared-worker' } satisfies HubWord)
      hub.close()
      return locks.agent().hold('leader')
    },
  }
}

describe('the election of a leader', () => {
  it('[P12][F11][S128][S148] waits as long as it takes, and then follows in the order of asking', async () => {
    const { clock, log, stand } = setUp()
    const [a] = [stand('a', true), stand('b', true), stand('c', true)]
    await clock.advance(3_600_000)
    expect(log).toEqual(['a leads'])
    a?.die()
    await settled()
    expect(log).toEqual(['a leads', 'b leads'])
  })

  it('[F13][S121][S125] passes by the hidden ones, whoever asked first', async () => {
    const { clock, log, stand } = setUp()
    const leader = stand('a', true)
    for (const name of ['b', 'c', 'd']) stand(name, false)
    stand('e', true)
    await settled()
    leader.election.seen(false)
    await clock.advance(CLAIM_AFTER_MS + 100)
    expect(log).toEqual(['a leads', 'a retires', 'e leads'])
  })

  it('[F13][S149][S150] sends a hidden tab behind one that begins visible, or is shown', async () => {
    for (const show of ['begins', 'is shown'] as const) {
      const { log, stand } = setUp()
      const leader = stand('a', true)
      stand('b', false)
      const next = stand('c', show === 'begins')
      if (show === 'is shown') next.election.seen(true)
      await settled()
      leader.die()
      await settled()
      expect(log).toEqual(['a leads', 'c leads'])
    }
  })

  it('[F13][S138] sends a tab to the end that becomes hidden', async () => {
    const { log, said, stand } = setUp()
    const [leader, second] = [stand('a', true), stand('b', true), stand('c', true)]
    await settled()
    second?.election.seen(false)
    leader?.election.seen(false)
    expect(said.filter((word) => word.endsWith('hidden'))).toEqual(['a: hidden'])
    leader?.die()
    await settled()
    expect(log).toEqual(['a leads', 'c leads'])
  })

  it('[F13][S120] is left alone by a claim while the leader is seen', async () => {
    const { clock, log, said, stand } = setUp()
    for (const name of ['a', 'b', 'c']) stand(name, true)
    await clock.advance(10 * CLAIM_AFTER_MS)
    expect(log).toEqual(['a leads'])
    // Each has asked once since it was shown or there was a leader, and not again.
    expect(said.filter((word) => word.endsWith('claim'))).toEqual(['b: claim', 'c: claim'])
  })

  it('[F13][S124] never gives the lead to two, however slowly a leader retires', async () => {
    const { clock, log, stand } = setUp()
    const leader = stand('a', true, { retireMs: 1_500 })
    stand('b', true)
    stand('c', true)
    await settled()
    leader.election.seen(false)
    await clock.advance(CLAIM_AFTER_MS + 1_000)
    expect(log).toEqual(['a leads'])
    await clock.advance(60_000)
    expect(log).toEqual(['a leads', 'a retires', 'b leads'])
  })

  it('[F5][S122] lets a SharedWorker go first, before tabs that have waited longer', async () => {
    const { clock, log, stand, claimAsWorker } = setUp()
    const tabs = [stand('a', true), stand('b', true), stand('c', false)]
    await settled()
    const held = claimAsWorker()
    await clock.advance(100)
    await held
    await clock.advance(60_000)
    expect(log).toEqual(['a leads', 'a retires'])
    expect(tabs).toHaveLength(3)
  })

  it('[P12][S119] goes on to the next where a tab cannot start a worker', async () => {
    const { log, stand } = setUp()
    stand('a', true, { canLead: false })
    stand('b', true)
    await settled()
    expect(log).toEqual(['a cannot', 'b leads'])
  })

  it('[P1][P12][S172] makes room where its lock was taken from it, and stands again', async () => {
    const { clock, log, stand, free } = setUp()
    const leader = stand('a', true, { retireMs: 1_500 })
    const next = stand('b', true)
    await settled()
    await free()
    await clock.advance(0)
    expect(log).toEqual(['a leads', 'b leads'])
    await clock.advance(1_500)
    expect(log).toEqual(['a leads', 'b leads', 'a retires'])
    next.die()
    await settled()
    expect(log.slice(3)).toEqual(['a leads'])
    leader.election.end()
    await free()
    await clock.advance(60_000)
    expect(log.slice(3)).toEqual(['a leads', 'a ends'])
  })

  it('[P12][F14][S126] ends at once with a page that may be gone any moment, and for good', async () => {
    const { clock, log, stand } = setUp()
    const [leader] = [stand('a', true), stand('b', false)]
    await settled()
    leader?.election.end()
    await settled()
    expect(log).toEqual(['a leads', 'a ends', 'b leads'])
    await clock.advance(60_000)
    expect(log).toHaveLength(3)
  })
})

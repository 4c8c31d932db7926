/**
 * Tabs of several versions that come, go, sleep and die in any order, under addresses that stay and
 * addresses that change. Whatever happens, it comes to rest: one socket at any time, every tab of the
 * latest contract online, the others too or told to reload. A server never goes back; caches do.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createHouse, type Deployment, type HouseTab } from './house.js'

const of = (contract: number, release: number, worker: string): Deployment => ({
  version: { contract, release },
  worker,
})
const DEPLOYMENTS = [
  of(1, 1, '/a.js'),
  of(1, 1, '/b.js'),
  of(1, 2, '/a.js'),
  of(1, 3, '/c.js'),
  of(2, 4, '/a.js'),
  of(2, 5, '/d.js'),
]
const PAGES = DEPLOYMENTS.slice(0, 4)

interface Happening {
  readonly what:
    | 'opens'
    | 'opens with other options'
    | 'closes'
    | 'dies'
    | 'sleeps'
    | 'wakes'
    | 'worker dies'
    | 'cut'
  readonly which: number
  /** Until the next one. */
  readonly ms: number
}

const happenings = fc.array(
  fc.record<Happening>({
    what: fc.constantFrom<Happening['what']>(
      'opens',
      'opens',
      'opens',
      'opens with other options',
      'closes',
      'dies',
      'sleeps',
      'wakes',
      'worker dies',
      'cut',
    ),
    which: fc.nat(11),
    ms: fc.constantFrom(0, 0, 10, 200, 3_000),
  }),
  { minLength: 3, maxLength: 14 },
)

interface Actor {
  readonly tab: HouseTab
  readonly contract: number
  isAsleep: boolean
}

async function live(deployments: readonly Deployment[], story: readonly Happening[]) {
  const house = createHouse()
  const welcomed = new WeakSet<object>()
  const actors: Actor[] = []
  /** The release under each address. */
  const published = new Map<string, number>()
  /** The contract of any page that was ever opened. */
  let latest = 0
  const letIn = async (): Promise<void> => {
    await house.quiet()
    if (!house.server.open || welcomed.has(house.server.latest)) return
    welcomed.add(house.server.latest)
    await house.server.latest.welcome()
    await house.quiet()
  }
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 500) {
      await house.clock.advance(Math.min(left, 500))
      await letIn()
    }
  }
  const actor = (which: number): Actor | undefined => actors[which % Math.max(actors.length, 1)]
  const remove = (which: number): Actor[] =>
    actors.length ? actors.splice(which % actors.length, 1) : []

  async function happen({ what, which }: Happening): Promise<void> {
    const deployment = deployments[which % deployments.length]
    if (what.startsWith('opens') && deployment) {
      latest = Math.max(latest, deployment.version.contract)
      const { worker = '', version } = deployment
      if (version.release > (published.get(worker) ?? 0)) {
        published.set(worker, version.release)
        house.publish(deployment)
      }
      house.load(deployment)
      house.state.isWorkerDeaf = what !== 'opens'
      const tab = house.openTab({ onError() {} })
      await house.quiet()
      if (what !== 'opens') tab.workerErrs()
      house.state.isWorkerDeaf = false
      actors.push({ tab, contract: deployment.version.contract, isAsleep: false })
    } else if (what === 'closes') remove(which).map(({ tab }) => tab.line.close())
    else if (what === 'dies') remove(which).map(({ tab }) => tab.kill())
    else if (what === 'worker dies') {
      house.endWorker(house.workers[which % Math.max(house.workers.length, 1)] ?? '')
    } else if (what === 'cut' && house.server.open) await house.server.latest.cut()
    else if (what === 'sleeps' || what === 'wakes') {
      const one = actor(which)
      if (!one || one.isAsleep === (what === 'sleeps')) return
      one.isAsleep = what === 'sleeps'
      if (one.isAsleep) one.tab.page.hidden()
      else one.tab.page.shown()
    }
  }

  for (const one of story) {
    await happen(one)
    await letIn()
    await pass(one.ms)
  }
  await pass(40_000)
  const awake = actors.filter(({ isAsleep }) => !isAsleep)
  const seen = awake.map(({ tab, contract }) => {
    const { value } = tab.line.status
    const state = value.state === 'stopped' ? value.cause : value.state
    return { state, contract, tabs: value.tabs }
  })
  const { mostOpen, open } = house.server
  house.close()
  return { seen, mostOpen, open, latest }
}

const RUNS = { numRuns: 25 }

it('[P1][P12][F8][F9] releases of one contract come to rest with every tab online', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(happenings, async (story) => {
      const { seen, mostOpen, open } = await live(PAGES, story)
      expect(mostOpen).toBeLessThanOrEqual(1)
      expect(seen.map(({ state }) => state)).toEqual(seen.map(() => 'online'))
      expect(seen.map(({ tabs }) => tabs)).toEqual(seen.map(() => seen.length))
      if (seen.length) expect(open).toBe(1)
    }),
    RUNS,
  )
})

it('[P1][P12][F8] of several contracts, the latest that is there is served', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(happenings, async (story) => {
      const { seen, mostOpen, latest } = await live(DEPLOYMENTS, story)
      expect(mostOpen).toBeLessThanOrEqual(1)
      for (const { state, contract } of seen) {
        expect(contract === latest ? ['online'] : ['online', 'superseded']).toContain(state)
      }
      const online = seen.filter(({ state }) => state === 'online')
      expect(online.map(({ tabs }) => tabs)).toEqual(online.map(() => online.length))
    }),
    RUNS,
  )
})

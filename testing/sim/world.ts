/**
 * Owns the composition of one simulated world: it alone knows all rooms. Nothing happens in it by itself
 * but what time, chance and the code under test bring about; acts.ts is what is done to it.
 */
import type { PartylineError } from '../../protocol/errors.js'
import type { Host } from '../../protocol/status.js'
import { createMemoryBoats } from '../memory-boat.js'
import { createMemoryBuses } from '../memory-bus.js'
import { createMemoryLocks } from '../memory-locks.js'
import { type Ambushes, createAmbushes } from './ambush.js'
import { type App, createApp } from './app.js'
import { type Browser, createBrowser } from './browser.js'
import type { Commons } from './commons.js'
import { createDisks, type Disks } from './disk.js'
import { createGatewayProcess, type GatewayProcess } from './gateway-process.js'
import { createNetwork, type Network } from './network.js'
import { createPrivacy, type Privacy } from './oracles/privacy.js'
import { createPeople, type People, type Person } from './people.js'
import { createRecords, type Records } from './records.js'
import { createScheduler, type Thread } from './scheduler.js'
import { openTab } from './tab.js'
import { createWeather } from './weather.js'

export interface World extends Commons {
  readonly ambushes: Ambushes
  /** What acts set in motion happens there, until it is calm. */
  readonly fate: Thread
  readonly records: Records
  readonly gateway: GatewayProcess
  readonly network: Network
  readonly disks: Disks
  readonly browser: Browser
  readonly people: People
  readonly privacy: Privacy
  /** Nothing is done before that, whatever the plan says. */
  quietUntil: number
  /** Some app has paused the line. */
  isPaused: boolean
  /** Of all tabs that live, oldest first. */
  readonly apps: App[]
  /** Of whoever is here. */
  openTab(person?: Person): App
  /** The tab is gone: what it still knew is not asked for any more. */
  forget(app: App): void
  /** A name that nothing else has. */
  next(kind: string): string
  close(): Promise<void>
}

export const CHANNELS = ['a', 'b'] as const
/** How many operations the app lets wait; 0: as many as usual. */
const OUTBOXES = [0, 0, 25] as const
const LIFETIMES_MS = [0, 5_000, 60_000] as const
/** Most browsers have everything. */
const HOSTS: readonly [Host, ...Host[]] = [
  'shared-worker',
  'shared-worker',
  'shared-worker',
  'shared-worker',
  'leader-tab',
  'page',
]

export async function createWorld(seed: number): Promise<World> {
  const scheduler = createScheduler(seed)
  const commons: Commons = {
    scheduler,
    weather: createWeather(scheduler.dice('weather')),
    system: scheduler.thread('system'),
    dice: scheduler.dice('system'),
    locks: createMemoryLocks(),
    buses: createMemoryBuses(),
    boats: createMemoryBoats(),
  }
  const records = createRecords(() => scheduler.now)
  const people = createPeople(scheduler.dice('people'))
  const privacy = createPrivacy(people, records)
  const gateway = await createGatewayProcess(commons, people)
  await records.watch(gateway.log, CHANNELS)
  gateway.start()
  const network = createNetwork(commons, gateway, privacy.sent)
  const disks = createDisks(commons, () => {
    records.isDiskDoubtful = true
  })
  const lifetimeMs = scheduler.dice('engine').pick(LIFETIMES_MS)
  const operations = scheduler.dice('app').pick(OUTBOXES)
  const found = scheduler.dice('host').pick(HOSTS)
  // Where each page is alone, each signs itself out: a story of its own.
  const host = people.hasNames && found === 'page' ? 'leader-tab' : found
  records.isEachAlone = host === 'page'
  const browser = createBrowser({
    commons,
    disks,
    network,
    lifetimeMs,
    // Whose cookies a service worker has is a story of its own too.
    hasSync: scheduler.dice('sync').chance(0.5) && !people.hasNames && !records.isEachAlone,
    onUnread() {
      records.isDiskUnread = true
    },
    onWorkerGone: () => records.inbox({ fact: 'worker-killed' }),
  })
  const apps: App[] = []
  const counts = new Map<string, number>()

  function next(kind: string): string {
    const count = (counts.get(kind) ?? 0) + 1
    counts.set(kind, count)
    return `${kind}${count}`
  }

  const fate = scheduler.thread('fate')
  return {
    ...commons,
    ambushes: createAmbushes(),
    fate,
    quietUntil: 0,
    isPaused: false,
    records,
    gateway,
    network,
    disks,
    browser,
    people,
    privacy,
    apps,
    openTab(person = people.current) {
      const name = next('tab ')
      const connect = {
        url: '/line',
        ...(person && { identity: person, auth: () => people.token(person) }),
        ...(operations && { outbox: { operations } }),
        onError: ({ code }: PartylineError) => records.inbox({ fact: 'error', tab: name, code }),
      }
      const app = createApp(openTab({ commons, browser, name, host, connect }), records, {
        person,
        home: people.enter(person),
      })
      apps.push(app)
      return app
    },
    forget(app) {
      const index = apps.indexOf(app)
      if (index >= 0) apps.splice(index, 1)
      // It was the one that asked, and nobody is there to be answered.
      if (app.person && app.hasAsked) people.left(app.person, false)
    },
    next,
    close: gateway.close,
  }
}

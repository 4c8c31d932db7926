/**
 * Owns the blows that wait for their moment: as soon as a worker has heard a certain word of the
 * gateway's, and before anything else happens. Chance alone rarely hits such a moment. A disk that is
 * slow and no more has broken no promise.
 */
import { ATTEMPTS_MAX } from '../../e2e/inbox-check/story.js'
import type { App } from './app.js'
import { tabEnds, workerDies, workerHangs } from './blows.js'
import type { SimWorker } from './browser.js'
import { positionOf, publish, trim } from './server-side.js'
import { CHANNELS, type World } from './world.js'

export interface Ambush {
  /** What the worker hears, as the trace names it. */
  readonly word: 'ack' | 'nack' | 'events' | 'welcome'
  readonly blow: Blow
}

export type Blow =
  /** It is killed. */
  | 'kill'
  /** A slow disk, a lost connection, a new greeting; then it is killed before the disk has answered. */
  | 'besiege'
  /** The same, and its tabs stop meanwhile: what it tells them then is lost with it. */
  | 'besiege-unheard'
  /** It hangs with what it has just begun, and goes on when another one has taken over. */
  | 'hang'
  /** The same, and as soon as it goes on, whoever has taken over is killed: what it writes then is found. */
  | 'hang-again'
  /** Its tabs crash before they hear what it has just passed on. */
  | 'crash-tabs'
  /** The tabs that come back fetch snapshots, lose events, and crash while they fetch the next ones. */
  | 'crash-fetching'
  /** Every other tab stops before that, until nobody waits for it any more. */
  | 'freeze-tabs'

export interface Ambushes {
  lay(ambush: Ambush): void
  /** After each step: whether the moment has come. */
  look(world: World): void
}

/** Time for a new greeting; what was seen before is on disk soon enough all the same (P7). */
const SIEGE_MS = 2_000
const HANG_MS = 12_000
/** Whoever has taken over by then hears something that the one that hangs does not. */
const NEWS_MS = 9_000
/** Time to write what it still had in mind. */
const LAST_WORDS_MS = 150
/** Everybody has a first snapshot by then; the next one takes as long. */
const FETCH_MS = 2_000
const FETCHED_MS = 4_000
/** An offer to a tab has been handed on by then (P8). */
const FROST_MS = 7_500

export function createAmbushes(): Ambushes {
  let laid: Ambush | undefined

  return {
    lay(ambush) {
      laid = ambush
    },
    look(world) {
      const { scheduler, browser, records } = world
      const { thread, what } = scheduler.trace.at(-1) ?? {}
      if (!laid || !what?.endsWith(`: ${laid.word}`)) return
      const worker = browser.workers.find(({ agent }) => agent.thread.name === thread)
      if (!worker) return
      const { word, blow } = laid
      laid = undefined
      records.tell(`${thread} hears ${word}: the ambush`)
      strike(world, worker, blow)
    },
  }
}

/** An event that three tabs die of one after the other is given up (P8): fewer of its consumers crash. */
function doomed(apps: readonly App[]): readonly App[] {
  const consumers = apps.filter(({ consumed }) => consumed.size)
  return apps.filter((app) => consumers.indexOf(app) < ATTEMPTS_MAX - 1)
}

const everyOther = (apps: readonly App[]): readonly App[] =>
  apps.filter((_, index) => index % 2 === 0)

function strike(world: World, worker: SimWorker, blow: Blow): void {
  const { apps, disks } = world
  switch (blow) {
    case 'kill':
      return workerDies(world, worker)
    case 'besiege':
    case 'besiege-unheard':
      // Two delays in a row would be more than a disk may take.
      if (disks.fault !== 'none') return workerDies(world, worker)
      return besiege(world, worker, blow === 'besiege' ? [] : apps)
    case 'hang':
      world.quietUntil = world.scheduler.now + HANG_MS
      return workerHangs(world, worker, HANG_MS)
    case 'hang-again':
      return hangAgain(world, worker)
    case 'crash-tabs':
      for (const app of doomed(apps)) restore(world, app)
      return
    case 'crash-fetching':
      return crashFetching(world)
    case 'freeze-tabs':
      world.quietUntil = world.scheduler.now + FROST_MS
      freeze(world, everyOther(apps), FROST_MS)
  }
}

function besiege(world: World, worker: SimWorker, unheard: readonly App[]): void {
  const { browser, disks, network, fate } = world
  world.quietUntil = world.scheduler.now + SIEGE_MS
  disks.fault = 'stalled'
  network.cut()
  freeze(world, unheard, SIEGE_MS + 1)
  fate.after(SIEGE_MS, 'the siege is over', () => {
    if (browser.workers.includes(worker)) workerDies(world, worker)
    disks.fault = 'none'
  })
}

function freeze({ fate, records }: World, chosen: readonly App[], ms: number): void {
  const stuck = chosen.map(({ tab }) => tab).filter(({ state }) => state === 'here')
  for (const tab of stuck) {
    records.inbox({ fact: 'tab-goes', tab: tab.name })
    tab.stick()
  }
  fate.after(ms, 'the frost is over', () => {
    for (const tab of stuck) {
      if (tab.state !== 'stuck') continue
      records.inbox({ fact: 'tab-back', tab: tab.name })
      tab.comeBack()
    }
  })
}

function hangAgain(world: World, worker: SimWorker): void {
  const { browser, fate, scheduler } = world
  world.quietUntil = scheduler.now + HANG_MS + LAST_WORDS_MS
  workerHangs(world, worker, HANG_MS)
  fate.after(NEWS_MS, 'news for the successor', () => tellAll(world, 3))
  fate.after(HANG_MS + LAST_WORDS_MS, 'the successor dies', () => {
    for (const one of browser.workers) if (one !== worker) workerDies(world, one)
  })
}

/** A gap makes them fetch; what they are told meanwhile nobody has seen yet (P7). */
function crashFetching(world: World): void {
  const { apps, fate, network, scheduler } = world
  const heirs = doomed(apps).flatMap((app) => restore(world, app, FETCH_MS) ?? [])
  world.quietUntil = scheduler.now + FETCHED_MS + FETCH_MS
  const after = (ms: number, what: string, run: () => void): void =>
    void fate.after(FETCHED_MS + ms, what, run)
  after(0, 'the network is lost', () => {
    network.reach = 'down'
    network.cut()
    tellAll(world, 3)
  })
  after(300, 'what they miss is trimmed', () => {
    for (const channel of CHANNELS) trim(world, channel, 1)
  })
  after(600, 'the network is back', () => {
    network.heal(false)
    for (const { tab } of apps) tab.networkIsBack()
  })
  after(FETCH_MS - 400, 'news', () => tellAll(world, 2))
  after(FETCH_MS - 1, 'they crash', () => {
    for (const app of doomed(apps).filter((one) => heirs.includes(one))) restore(world, app)
  })
}

function tellAll(world: World, count: number): void {
  for (const channel of CHANNELS) publish(world, channel, count)
}

/** It crashes, and the browser brings it back: it reads on from where it was. */
function restore(world: World, app: App, snapshotMs = 0): App | undefined {
  tabEnds(world, app, 'crashed')
  if (app.isLeaving) return undefined
  const heir = world.openTab(app.person)
  for (const channel of CHANNELS) {
    const name = world.next('reader ')
    const position = snapshotMs ? () => positionOf(world, heir, channel, snapshotMs) : undefined
    heir.subscribe({ name, channel, from: 'last', history: 0, position })
  }
  return heir
}

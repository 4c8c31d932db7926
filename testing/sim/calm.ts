/**
 * Owns fair weather after the storm: every fault is undone, everybody comes back, and the world gets the
 * time that it needs. Afterwards everything has to be settled, and when all have gone, nothing is left.
 */
import { comeBack } from './acts.js'
import type { App } from './app.js'
import { tabEnds } from './blows.js'
import { drill } from './drill.js'
import { pass } from './pass.js'
import { nameOf } from './readers.js'
import type { SimTab } from './tab.js'
import { CHANNELS, type World } from './world.js'

/** Less might be a disk that is late, for all that the worker can tell. */
const HUNG_MS = 7_000
/** Longer than every wait in the house. */
const PATIENCE_MS = 120_000
const REST_MS = 5_000
/** Whoever signs out is answered by then. */
const SIGN_OUT_MS = 12_000

/** Returns what has not come to rest. */
export async function calm(world: World): Promise<readonly string[]> {
  const { apps, records } = world
  // Of a worker that died alone nothing tells its page, where there are no locks, until it asks something.
  const isUnheard = records.isEachAlone && records.isWorkerHurt
  const isQuiet = world.dice.chance(0.5) && !isUnheard
  await world.scheduler.act('calm', () => mend(world, isQuiet))
  // The last farewells may be on their way: whoever has heard one asks once more.
  await pass(world, world.people.hasNames ? SIGN_OUT_MS : REST_MS)
  await world.scheduler.act('somebody is back', () => returns(world))
  await rest(world)
  await askAgain(world)
  await drill(world)
  await rest(world)
  // Whoever reads or handles a channel has to hear this.
  await world.scheduler.act('a last word', () => {
    for (const channel of CHANNELS)
      void world.gateway.switchboard?.publish(channel, 'the last word')
  })
  await pass(world, REST_MS)
  await rest(world)
  const restless = [...unrest(world)]
  // The same in every tab, which unrest() has seen to.
  const told = apps.filter((app) => records.isEachAlone || app === firstOf(world, app))
  for (const { tab } of told) {
    for (const { key, error } of tab.line.outbox.value) {
      if (!error) continue
      const { code, details } = error
      records.outbox({ fact: 'failed', tab: tab.name, key, code, wasSent: 'sent' in details })
    }
  }
  const events = told.flatMap(({ tab, home }) =>
    tab.line.parked.value.map(({ channel, name, cursor }) => ({
      channel: `${home}${channel}`,
      consumer: name,
      id: nameOf(cursor),
    })),
  )
  records.inbox({ fact: 'parked', events })
  return restless
}

/** Who was refused with a good token gets another one, and whoever has signed out signs in again. */
function returns(world: World): void {
  const { people, apps } = world
  people.revoke()
  people.tell()
  for (const app of apps.filter(({ isSignedOut }) => isSignedOut)) tabEnds(world, app, 'closed')
  for (const person of people.known) {
    if (!apps.some((app) => app.person === person)) world.openTab(person)
  }
  for (const { tab } of apps) if (isTurnedAway(tab)) tab.line.reconnect()
}

const isTurnedAway = ({ line }: SimTab): boolean =>
  ['stopped', 'unauthorized'].includes(line.status.value.state)

/** A tab that found too many workers silent has said so, and waits for its person. */
async function askAgain(world: World): Promise<void> {
  const stopped = world.apps.filter(({ tab }) => isTurnedAway(tab))
  if (!stopped.length) return
  await world.scheduler.act('somebody asks again', () => {
    for (const { tab } of stopped) tab.line.reconnect()
  })
  await rest(world)
}

async function rest(world: World): Promise<void> {
  const until = world.scheduler.now + PATIENCE_MS
  // What is broken already may not have been noticed.
  for (let isMoving = true; isMoving && world.scheduler.now < until; ) {
    await pass(world, PATIENCE_MS, () => isAtRest(world))
    isMoving = await pass(world, REST_MS, () => !isAtRest(world))
  }
}

/**
 * `isQuiet`: then no app does anything more, and whatever has become of its worker a tab has to notice by
 * itself; else every app sends something, and a worker that hangs goes on hanging.
 */
function mend(world: World, isQuiet: boolean): void {
  const { network, disks, gateway, browser, apps, system } = world
  world.fate.kill()
  const wasGood = network.reach === 'good'
  network.heal(true)
  disks.fault = 'none'
  // One that drains takes nobody in any more.
  if (gateway.switchboard?.isDraining) gateway.crash()
  gateway.start()
  gateway.door.farewell = undefined
  gateway.isIdle = false
  const hung = browser.workers.filter(({ agent }) => agent.thread.state === 'hangs')
  for (const { agent } of isQuiet ? hung : [])
    system.after(HUNG_MS, 'the worker goes on', agent.thread.thaw)
  for (const app of [...apps]) {
    comeBack(world, app)
    app.tab.show()
  }
  // Where each page is alone, it is the next page that looks what others have left.
  if (!apps.length || world.records.isEachAlone) world.openTab()
  for (const app of apps) {
    const { tab } = app
    if (!wasGood) tab.networkIsBack()
    if (world.isPaused) tab.line.resume()
    const key = world.next('op ')
    if (!isQuiet && !app.isLeaving) app.send({ key, channel: 'a', lane: 'a', kind: 'publish' })
  }
}

/** What is not as it should be, in words; empty: everything has come to rest. */
function* unrest({ apps, boats, records }: World): Generator<string> {
  for (const name of boats.items.keys()) if (name.includes(':boat:')) yield name
  for (const app of apps) {
    const { tab, pending } = app
    const { state, queued, storage } = tab.line.status.value
    if (state !== 'online') yield `${tab.name} is ${state}`
    // Every disk works by now, and what is on it is owed.
    if (storage === 'memory' && !records.isEachAlone) yield `${tab.name} is without a disk`
    if (queued) yield `${tab.name} sees ${queued} queued`
    for (const entry of tab.line.outbox.value) {
      if (entry.state !== 'failed') yield `${tab.name} sees ${entry.key} ${entry.state}`
    }
    for (const what of pending()) yield `${what} hangs in ${tab.name}`
    const first = firstOf({ apps }, app)?.tab
    if (!records.isEachAlone && seen(tab) !== seen(first)) {
      yield `${tab.name} sees ${seen(tab)}, ${first?.name} sees ${seen(first)}`
    }
  }
  for (const app of apps) yield* app.work()
  for (const channel of CHANNELS) {
    const head = records.places(channel).at(-1)
    const homes = apps.filter(({ consumed }) => consumed.has(channel)).map(({ home }) => home)
    for (const home of new Set(homes)) {
      if (head !== undefined && head !== records.handled(`${home}${channel}`))
        yield `${home}${channel} is not handled to its end`
    }
  }
}

const firstOf = ({ apps }: Pick<World, 'apps'>, { home }: App): App | undefined =>
  apps.find((one) => one.home === home)

/** What every tab shows has to be the same (P9). */
function seen(tab: SimTab | undefined): string {
  const { status, outbox, parked } = tab?.line ?? {}
  const { latency: _, latencies: __, ...rest } = { latency: 0, latencies: 0, ...status?.value }
  const keys = outbox?.value.map(({ key }) => key)
  return JSON.stringify([rest, keys, parked?.value.map(({ key }) => key)])
}

/** Whoever catches up, page by page, is not late; who never gets there is for the judge to say (P6). */
function isRead({ apps, records }: World): boolean {
  return CHANNELS.every((channel) => {
    const head = records.places(channel).at(-1)
    return head === undefined || apps.every((app) => app.areAt(channel, head))
  })
}

const isAtRest = (world: World): boolean => isRead(world) && (unrest(world).next().done ?? false)

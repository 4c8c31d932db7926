/**
 * Owns fair weather after the storm: every fault is undone, everybody comes back, and the world gets the
 * time that it needs. Afterwards everything has to be settled, and when all have gone, nothing is left.
 */
import { comeBack, ends } from './acts.js'
import { type App, nameOf } from './app.js'
import type { SimTab } from './tab.js'
import { CHANNELS, type World } from './world.js'

/** Longer than every wait in the house. */
const PATIENCE_MS = 120_000
const REST_MS = 5_000
/** Whoever signs out is answered by then. */
const SIGN_OUT_MS = 12_000
const STEPS_MAX = 30_000

/** Returns what has not come to rest. */
export async function calm(world: World): Promise<readonly string[]> {
  const { apps, records } = world
  await world.scheduler.act('calm', () => mend(world))
  // The last farewells may be on their way: whoever has heard one asks once more.
  await pass(world, world.people.hasNames ? SIGN_OUT_MS : REST_MS)
  await world.scheduler.act('somebody asks', () => {
    // Who was refused with a good token gets another one.
    world.people.revoke()
    world.people.tell()
    for (const app of apps.filter(({ isSignedOut }) => isSignedOut)) ends(world, app, 'closed')
    for (const person of world.people.known) {
      if (!apps.some((app) => app.person === person)) world.openTab(person)
    }
    for (const { tab } of apps) if (isTurnedAway(tab)) tab.line.reconnect()
  })
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

const isTurnedAway = ({ line }: SimTab): boolean =>
  ['stopped', 'unauthorized'].includes(line.status.value.state)

async function rest(world: World): Promise<void> {
  const until = world.scheduler.now + PATIENCE_MS
  // What is broken already may not have been noticed.
  for (let isMoving = true; isMoving && world.scheduler.now < until; ) {
    await pass(world, PATIENCE_MS, () => isAtRest(world))
    isMoving = await pass(world, REST_MS, () => !isAtRest(world))
  }
}

function mend(world: World): void {
  const { network, disks, gateway, browser, apps } = world
  world.fate.kill()
  network.heal(true)
  disks.fault = 'none'
  // One that drains takes nobody in any more.
  if (gateway.switchboard?.isDraining) gateway.crash()
  gateway.start()
  gateway.door.farewell = undefined
  gateway.isIdle = false
  for (const { agent } of browser.workers) agent.thread.thaw()
  for (const app of [...apps]) {
    comeBack(world, app)
    app.tab.show()
  }
  // Where each page is alone, it is the next page that looks what others have left.
  if (!apps.length || world.records.isEachAlone) world.openTab()
  for (const { tab } of apps) {
    tab.networkIsBack()
    tab.line.resume()
  }
}

/** What is not as it should be, in words; empty: everything has come to rest. */
function* unrest({ apps, boats, records }: World): Generator<string> {
  for (const name of boats.items.keys()) if (name.includes(':boat:')) yield name
  for (const app of apps) {
    const { tab, pending } = app
    const { state, queued } = tab.line.status.value
    if (state !== 'online') yield `${tab.name} is ${state}`
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

const isAtRest = (world: World): boolean => unrest(world).next().done ?? false

/** Lets time pass, at most so much, or until it is so; says whether it is. */
export async function pass(
  { scheduler, apps }: World,
  ms: number,
  until: () => boolean = () => false,
): Promise<boolean> {
  const end = scheduler.now + ms
  for (let steps = 0; steps < STEPS_MAX; steps++) {
    if (until()) return true
    if (!(await scheduler.step(end))) return until()
    for (const { look } of apps) look()
  }
  return until()
}

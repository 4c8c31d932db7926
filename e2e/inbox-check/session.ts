/**
 * Owns one session from its plan to its story: tabs read while things go wrong; in the end the weather
 * is fair, everybody is back, and one more event is published that all of them have to see.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { createBrowser } from '../support/browser.js'
import { createFactRecorder } from '../support/fact-recorder.js'
import { createGatewayTurns } from '../support/gateway-turns.js'
import type { World } from '../support/troupe.js'
import { setWeather } from '../support/weather.js'
import { within } from '../support/within.js'
import { killSharedWorker } from '../support/workers.js'
import { createChannels } from './channels.js'
import { judge, NO_VERDICT, type Verdict } from './judge.js'
import type { Reading, Task } from './page/page-api.js'
import { CHANNELS, type Offer, type Plan, type Step, type Wish } from './plan.js'
import type { Fact } from './story.js'
import { createTabs, type Tabs } from './tabs.js'
import { createTroubles } from './troubles.js'

export interface Session {
  readonly plan: Plan
  /** Steps that were taken. */
  readonly happened: readonly string[]
  readonly facts: readonly Fact[]
  readonly verdict: Verdict
  /** Asked only if there is something to complain of. */
  readonly witnesses: Awaited<ReturnType<Tabs['witnesses']>>
}

const TABS_MAX = 4
/** What may still come right. */
const IN_TIME: readonly string[] = ['behind', 'unhandled', 'not-parked']
/** A consumer that begins with what comes begins meanwhile. */
const BEGUN_WITHIN_MS = 500
/** A snapshot that failed often waits for long before it is tried again. */
const CAUGHT_UP_WITHIN_MS = 30_000
const STEP_WITHIN_MS = 30_000

export async function runSession(plan: Plan, world: World, folder: string): Promise<Session> {
  const { gateway, network, origin } = world
  const begun = performance.now()
  const happened: string[] = []
  const happens = (what: string): void =>
    void happened.push(`${`${Math.round(performance.now() - begun)}`.padStart(6)} ms  ${what}`)
  const facts: Fact[] = []
  const browser = createBrowser({ ...world, folder })
  const turns = createGatewayTurns(gateway)

  const recorder = await createFactRecorder<Fact>({
    onFact: record,
    answer: async (what, which) =>
      what === 'whole' ? JSON.stringify(await gateway.whole(which)) : undefined,
  })
  function record(fact: Fact): void {
    facts.push({ ...fact, atMs: Math.round(performance.now() - begun) })
  }
  const channels = createChannels(`read/${plan.seed}/${crypto.randomUUID()}`, gateway, record)
  const tabs = createTabs({
    browser,
    origin,
    place: {
      url: `ws://127.0.0.1:${network.port}/line`,
      worker: '/inbox-worker.js',
      recorder: recorder.address,
    },
    record,
    readingOf,
    taskOf,
  })

  const troubles = createTroubles({ folder, gateway, turns, network, channels, record })

  function readingOf({ channel, from, ...rest }: Wish): Omit<Reading, 'subscription'> {
    const own = { ...rest, channel: channels.nameOf(channel) }
    if (typeof from === 'string') return { ...own, from }
    const known = channels.known(channel)
    const after = known[Math.floor(from.after * known.length) - 1]
    return { ...own, from: after ? { after } : {} }
  }

  function taskOf({ channel, ...rest }: Offer): Task {
    return { ...rest, channel: channels.nameOf(channel) }
  }

  async function take(step: Step): Promise<void> {
    switch (step.do) {
      case 'open':
        return tabs.count < TABS_MAX ? tabs.open(step.role) : undefined
      case 'subscribe':
        return tabs.subscribe(step.tab, step.wish)
      case 'consume':
        return tabs.consume(step.tab, step.offer)
      case 'stop':
        return tabs.stop(step.tab, step.which)
      case 'publish':
        await turns.settled()
        return channels.publish(step.channel, step.payloads)
      case 'publish-by-tab':
        return tabs.publish(step.tab, channels.nameOf(step.channel), step.payloads)
      case 'close':
        return tabs.close(step.tab)
      case 'reload':
        return tabs.reload(step.tab, step.role)
      case 'leave':
        return tabs.leave(step.tab)
      case 'return':
        return tabs.comeBack(step.tab)
      case 'stall':
        return troubles.stall(step.process, step.forMs)
      case 'trim':
        await turns.settled()
        return channels.trim(step.channel, step.keep)
      case 'kill-worker':
        if (browser.context && (await killSharedWorker(browser.context))) {
          record({ fact: 'worker-killed' })
        }
        return
      case 'kill-browser':
        browser.kill()
        record({ fact: 'worker-killed' })
        tabs.allKilled()
        return tabs.open(step.role)
      case 'kill-gateway':
        return turns.kill()
      case 'empty-gateway':
        return troubles.emptyGateway()
      case 'deny':
        record({ fact: 'denied', channel: channels.nameOf(step.channel) })
        return gateway.deny([channels.nameOf(step.channel)])
      case 'allow':
        return gateway.deny([])
      case 'flood':
        return troubles.flood(step.channel, step.payloads, step.length)
      case 'weather':
        return setWeather(network, step.weather)
    }
  }

  async function verdict(): Promise<Verdict> {
    const giveUpAt = performance.now() + CAUGHT_UP_WITHIN_MS
    for (;;) {
      const events = (await tabs.parked()) ?? []
      const heard = [...facts]
      const told: readonly Fact[] = [...heard, { fact: 'parked', events }]
      const found = judge({ facts: told, logs: await channels.logs() })
      const isOver = found.complaints.every(({ what }) => !IN_TIME.includes(what))
      if (isOver || performance.now() > giveUpAt) return found
      await pause(100)
    }
  }

  async function play(): Promise<Verdict> {
    network.pass()
    for (const channel of CHANNELS) {
      const old = Array.from({ length: plan.before }, (_, index) => `before ${index}`)
      channels.publish(channel, old)
    }
    await channels.settled()
    for (const role of plan.tabs) await tabs.open(role)
    for (const step of plan.steps) {
      await pause(step.afterMs)
      happens(inWords(step))
      await within(STEP_WITHIN_MS, take(step))
    }
    network.pass()
    await turns.settled()
    await gateway.deny([])
    await troubles.settled()
    await channels.settled()
    await tabs.allComeBack()
    happens('fair weather')
    // What is published before that is not for those who begin with what comes.
    await tabs.online(CAUGHT_UP_WITHIN_MS)
    for (const ending of ['nearly the end', 'the end']) {
      for (const channel of CHANNELS) channels.publish(channel, [ending])
      await channels.settled()
      await pause(BEGUN_WITHIN_MS)
    }
    const found = await verdict()
    happens('the end')
    return found
  }

  try {
    const found = await play().catch(broken)
    const witnesses = found.complaints.length ? await tabs.witnesses().catch(() => []) : []
    return { plan, happened, facts, verdict: found, witnesses }
  } finally {
    browser.kill()
    await browser.close()
    await turns.settled()
    await channels.settled()
    await recorder.close()
  }
}

/** A session that cannot be played to its end is told like one that failed, and the next one begins. */
function broken(error: unknown): Verdict {
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { ...NO_VERDICT, complaints: [{ what: 'broken', why }] }
}

function inWords(step: Step): string {
  const { afterMs, ...deed } = step
  const { do: name, ...rest } = deed
  return `${name} ${JSON.stringify(rest)}`
}

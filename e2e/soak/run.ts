/**
 * Owns one soak from its seed to what is left of it: things happen, and every few seconds everybody
 * is weighed. The worker is killed in the first fifth only, the gateway in the first two: then they
 * live to the end, because a death would hide a leak.
 *
 * What is bounded (P14) fills up before the weighing counts, or its filling would look like a leak.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { type Browser, createBrowser } from '../support/browser.js'
import { createGatewayTurns } from '../support/gateway-turns.js'
import { createDice } from '../support/random.js'
import type { World } from '../support/troupe.js'
import { setWeather } from '../support/weather.js'
import { within } from '../support/within.js'
import { killSharedWorker } from '../support/workers.js'
import { createLedger } from './ledger.js'
import { CHANNELS } from './page/page-api.js'
import { draw, LENGTH, type Scene, type Step } from './plan.js'
import type { Result } from './result.js'
import { createScale, type Scale } from './scale.js'
import { createServerVoice } from './server-voice.js'
import { openTabs, type Tabs } from './tabs.js'
import { createTotals } from './totals.js'

export interface SoakOptions {
  readonly seed: number
  readonly minutes: number
  /** Called now and then, with how far it is. */
  onProgress(sentence: string): void
}

/** Shares of the time. */
const WORKER_DIES_UNTIL = 0.2
const GATEWAY_DIES_UNTIL = 0.4
/** What happens for the first time in a process is compiled, and stays. */
const WARM_UP = 0.1
const WEIGH_EVERY_MS = 3_000
const TELL_EVERY = 20
const SETTLED_WITHIN_MS = 60_000
const STEP_WITHIN_MS = 120_000
/** More than any of the memories that keep the last so many: outcomes, and events of a channel. */
const FILL = 1_200
/** Fewer than an outbox takes. */
const FILL_AT_ONCE = 400

interface Stage {
  readonly tabs: Tabs
  readonly scale: Scale
}

type MayDie = Omit<Scene, 'tabs'>

export async function runSoak(
  { seed, minutes, onProgress }: SoakOptions,
  world: World,
  folder: string,
): Promise<Result> {
  const { gateway, network, origin } = world
  const dice = createDice(seed)
  const ledger = createLedger()
  const totals = createTotals()
  const turns = createGatewayTurns(gateway)
  const voice = createServerVoice(gateway, turns, ledger)
  const browser = createBrowser({ ...world, folder })
  const begun = performance.now()
  const minute = (): number => (performance.now() - begun) / 60_000
  const deaths: Result['deaths'][number][] = []

  async function take(step: Step, tabs: Tabs): Promise<void> {
    switch (step.do) {
      case 'open':
        return tabs.open()
      case 'reload':
        return tabs.reload(step.tab)
      case 'close':
        return tabs.close(step.tab)
      case 'crash':
        return tabs.crash(step.tab)
      case 'close-all':
        return tabs.closeAll()
      case 'publish':
        return tabs.publish(step.tab, step.channel, step.count, step.length)
      case 'publish-by-server':
        return voice.publish(step.channel, step.count)
      case 'request':
        return tabs.request(step.tab, step.count)
      case 'signal':
        return tabs.signal(step.tab, step.channel, step.count)
      case 'weather':
        setWeather(network, step.weather)
        // The time is for what happens online: nobody waits for the backoff.
        if (step.weather === 'fair') await tabs.resident.evaluate(() => window.soak.reconnect())
        return
      case 'kill-worker':
        return killWorker(browser)
      case 'kill-gateway':
        deaths.push({ who: 'gateway', minute: minute() })
        return turns.kill()
      case 'drain-gateway':
        deaths.push({ who: 'gateway', minute: minute() })
        return turns.drain()
    }
  }

  async function killWorker({ context }: Browser): Promise<void> {
    if (context && (await killSharedWorker(context))) {
      deaths.push({ who: 'worker', minute: minute() })
    }
  }

  async function settled({ resident }: Tabs): Promise<boolean> {
    await turns.settled()
    await voice.settled()
    const isSettled = (): boolean => window.soak.isSettled()
    const waited = resident.waitForFunction(isSettled, undefined, { timeout: SETTLED_WITHIN_MS })
    return waited.then(
      () => true,
      () => false,
    )
  }

  async function fillUp(tabs: Tabs): Promise<void> {
    network.pass()
    for (const channel of CHANNELS) {
      for (let filled = 0; filled < FILL; filled += FILL_AT_ONCE) {
        await tabs.publish(0, channel, FILL_AT_ONCE, LENGTH)
        await settled(tabs)
        await tabs.tally()
      }
    }
  }

  /** Lets things happen until so much of the time has passed. */
  async function act({ tabs, scale }: Stage, until: number, may: MayDie): Promise<void> {
    let steps: readonly Step[] = []
    let weighAt = 0
    while (minute() < until * minutes) {
      if (performance.now() >= weighAt) {
        weighAt = performance.now() + WEIGH_EVERY_MS
        await tabs.tally()
        await scale.weigh()
        const isToBeTold = scale.samples.length % TELL_EVERY === 0
        if (isToBeTold) onProgress(totals.sentence(minute(), tabs, ledger))
      }
      const [step, ...rest] = steps.length ? steps : draw(dice, { tabs: tabs.count, ...may })
      steps = rest
      if (!step) continue
      await pause(step.afterMs)
      await within(STEP_WITHIN_MS, take(step, tabs))
    }
  }

  /** Alone the resident starts the last worker, in its own process: no crash takes it along. */
  async function lastWorker(tabs: Tabs): Promise<void> {
    await tabs.closeAll()
    await settled(tabs)
    await killWorker(browser)
    await fillUp(tabs)
  }

  async function end({ tabs, scale }: Stage): Promise<boolean> {
    network.pass()
    const isSettled = await settled(tabs)
    const giveUpAt = performance.now() + SETTLED_WITHIN_MS
    do {
      await tabs.tally()
      await pause(200)
    } while (ledger.missing().length && performance.now() < giveUpAt)
    await scale.weigh()
    return isSettled
  }

  async function play(tabs: Tabs): Promise<Result> {
    const scale = await createScale({ browser, tabs, gateway, turns, minute })
    const stage = { tabs, scale }
    await act(stage, WORKER_DIES_UNTIL, { mayWorkerDie: true, mayGatewayDie: true })
    await lastWorker(tabs)
    const workerSince = minute()
    await act(stage, GATEWAY_DIES_UNTIL, { mayWorkerDie: false, mayGatewayDie: true })
    await fillUp(tabs)
    const gatewaySince = minute()
    await act(stage, 1, { mayWorkerDie: false, mayGatewayDie: false })
    const isSettled = await end(stage)
    return {
      seed,
      minutes,
      samples: scale.samples,
      deaths,
      workerSince: workerSince + WARM_UP * minutes,
      gatewaySince: gatewaySince + WARM_UP * minutes,
      lives: tabs.lives,
      events: ledger.events,
      totals: totals.told(),
      complaints: [
        ...ledger.faults,
        ...ledger.missing(),
        ...totals.complaints(),
        ...scale.complaints(workerSince),
        ...(isSettled ? [] : ['in the end the resident is not online with nothing to send']),
      ],
    }
  }

  try {
    const context = await browser.start()
    const place = { url: `ws://127.0.0.1:${network.port}/line`, worker: '/worker.js' }
    const onTally = totals.add
    return await play(await openTabs({ context, origin, place, ledger, onTally }))
  } finally {
    browser.kill()
    await browser.close()
    await turns.settled()
    await voice.settled()
  }
}

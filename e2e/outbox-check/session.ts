/**
 * Owns one session from its plan to its story: tabs send, things go wrong, and in the end the weather
 * is fair and a fresh browser on the same profile makes the last visit.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { lineName } from '../../protocol/line-name.js'
import { createBrowser } from '../support/browser.js'
import { createGatewayTurns } from '../support/gateway-turns.js'
import type { World } from '../support/troupe.js'
import { setWeather } from '../support/weather.js'
import { killSharedWorker } from '../support/workers.js'
import { judge, type Verdict } from './judge.js'
import type { PagePayload } from './page/page-api.js'
import type { Plan, Step } from './plan.js'
import { createRecorder } from './recorder.js'
import type { Aim } from './stages.js'
import type { Fact, LogEntry, Story } from './story.js'
import { createTabs } from './tabs.js'

export interface Session {
  readonly plan: Plan
  readonly fired: readonly Aim[]
  /** Steps that were taken, and what was cut in between. */
  readonly happened: readonly string[]
  readonly facts: readonly Fact[]
  readonly verdict: Verdict
}

const DRAINED_WITHIN_MS = 15_000
/** The log is read anew for so long before something counts as lost. */
const LATE_MS = 2_000

export async function runSession(plan: Plan, world: World, folder: string): Promise<Session> {
  const { gateway, network, origin } = world
  const happened: string[] = []
  const begun = performance.now()
  const happens = (what: string): void =>
    void happened.push(`${`${Math.round(performance.now() - begun)}`.padStart(6)} ms  ${what}`)
  const channel = `check/${plan.seed}/${crypto.randomUUID()}`
  const url = `ws://127.0.0.1:${network.port}/line`
  const browser = createBrowser({ ...world, folder })
  const turns = createGatewayTurns(gateway)

  const recorder = await createRecorder({ aims: plan.aims, cut })
  const tabs = createTabs({
    browser,
    origin,
    channel,
    place: {
      url,
      recorder: recorder.address,
      worker: `/outbox-worker.js?recorder=${encodeURIComponent(recorder.address)}`,
    },
    record: recorder.record,
  })

  function killBrowser(): void {
    if (!browser.context) return
    browser.kill()
    recorder.record({ fact: 'browser-killed' })
    tabs.killed()
  }

  function cut(aim: Aim): void | Promise<void> {
    happens(`  ${aim.stage}, operation ${aim.nth} of this worker: ${aim.cut}`)
    switch (aim.cut) {
      case 'worker-killed':
        // It dies by its own hand as soon as it is answered.
        return
      case 'socket-cut':
        return void network.reset()
      case 'gateway-killed':
        return turns.kill()
      case 'browser-killed':
        killBrowser()
        // The worker that reported this is dead, and stands still until its kernel knows.
        return new Promise<never>(() => {})
    }
  }

  async function killWorker(): Promise<void> {
    const { context } = browser
    if (context) await killSharedWorker(context)
  }

  async function take(step: Step): Promise<void> {
    switch (step.do) {
      case 'open':
        return tabs.count < 4 ? tabs.open() : undefined
      case 'send':
      case 'send-and-close':
        return tabs.send(step.tab, step.sendings, step.do === 'send-and-close')
      case 'discard':
      case 'close':
      case 'reload':
      case 'crash':
        return tabs[step.do](step.tab)
      case 'kill-worker':
        return killWorker()
      case 'kill-browser':
        return killBrowser()
      case 'kill-gateway':
        return turns.kill()
      case 'weather':
        return setWeather(network, step.weather)
    }
  }

  async function lastVisit(): Promise<boolean> {
    const context = await browser.start()
    const page = await context.newPage()
    await page.goto(`${origin}/`)
    await page.waitForFunction(() => 'check' in window)
    const place = { url, worker: `/outbox-worker.js?recorder=${recorder.address}` }
    const visitor = { ...place, recorder: recorder.address, tab: 'the last visit' }
    await page.evaluate((given) => window.check.connect(given), visitor)
    const boats = `${lineName({ url })}:boat:`
    const isDrained = await page
      .waitForFunction((name) => window.check.isDrained(name), boats, {
        polling: 20,
        timeout: DRAINED_WITHIN_MS,
      })
      .then(() => true)
      .catch(() => false)
    await page.evaluate(() => window.check.recordFailures())
    return isDrained
  }

  async function verdict(isDrained: boolean): Promise<Verdict> {
    const giveUpAt = performance.now() + LATE_MS
    for (;;) {
      const events = await gateway.read(channel)
      const log = events.map(({ id, payload }): LogEntry => {
        const { key, lane } = payload as PagePayload
        return { id, key, lane }
      })
      const story: Story = { facts: recorder.facts, log, isDrained }
      const found = judge(story)
      if (found.complaints.length === 0 || performance.now() > giveUpAt) return found
      await pause(100)
    }
  }

  async function play(): Promise<Verdict> {
    network.pass()
    for (let count = 0; count < plan.tabs; count++) await tabs.open()
    for (const step of plan.steps) {
      await pause(step.afterMs)
      happens(inWords(step))
      await take(step)
    }
    recorder.holdFire()
    network.pass()
    await turns.settled()
    happens(`the browser is ${plan.end}`)
    if (plan.end === 'killed') killBrowser()
    else await tabs.closeAll()
    await browser.close()
    happens('the last visit')
    const isDrained = await lastVisit()
    happens(isDrained ? 'drained' : 'NOT drained')
    return verdict(isDrained)
  }

  try {
    const found = await play().catch(broken)
    return { plan, fired: recorder.fired, happened, facts: recorder.facts, verdict: found }
  } finally {
    browser.kill()
    await browser.close()
    await turns.settled()
    await recorder.close()
  }
}

/** A session that cannot be played to its end is told like one that failed, and the next one begins. */
function broken(error: unknown): Verdict {
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { operations: 0, arrived: 0, excused: 0, complaints: [{ what: 'stuck', why }] }
}

function inWords(step: Step): string {
  switch (step.do) {
    case 'send':
    case 'send-and-close':
      return `${step.do} ${step.sendings.map(({ key, lane }) => `${key}/${lane}`).join(' ')}`
    case 'weather':
      return `weather: ${step.weather}`
    default:
      return step.do
  }
}

/**
 * Owns the service worker of a simulated browser, and its syncs: asked for by pages, fired when there is
 * a network, and fired again some minutes after one that failed. It lives as long as it has something to
 * do, and a little longer; sometimes the browser ends it in the middle.
 */
import { VERSION } from '../../protocol/version.js'
import { createDrain } from '../../worker/drain.js'
import { hostInServiceWorker } from '../../worker/hosts/service-worker.js'
import type { SimWorker } from './browser.js'
import { surround, type WorkerGround } from './surroundings.js'

export interface Syncs {
  /** A page asks for one; rejects where the browser has none. */
  register(tag: string): Promise<void>
}

export interface SyncOptions extends WorkerGround {
  /** Some browsers do not, and some people do not want them to. */
  readonly hasSync: boolean
  onStarted(worker: SimWorker): void
}

/** What a sync may take. The browser allows three minutes. */
const LIMIT_MS = 25_000
/** A link that was lost is looked for so often. */
const LINK_MS = 1_500
/** After one that failed; three times, then nobody tries again. */
const AGAIN_MS = 300_000
const ATTEMPTS_MAX = 3
/** One that has nothing to do is ended. */
const IDLE_MS = 30_000
/** So many are ended while they work, and when at the latest. */
const CUT_SHORT = 0.25
const CUT_SHORT_MS = 3_000

interface Running {
  readonly worker: SimWorker
  fire(tag: string): Promise<void>
}

export function createSyncs(options: SyncOptions): Syncs {
  const { commons, network } = options
  const { system, weather, scheduler } = commons
  const dice = scheduler.dice('sync')
  /** How often each has been tried that was asked for. */
  const asked = new Map<string, number>()
  const firing = new Set<string>()
  let running: Running | undefined
  let started = 0

  function start(line: string): Running {
    const name = `service worker ${++started}`
    const { agent, surroundings } = surround(options, name, VERSION)
    const scope = new EventTarget()
    hostInServiceWorker(scope, createDrain({ ...surroundings, limitMs: LIMIT_MS }))
    const worker: SimWorker = { name: line, agent, isService: true }
    let works = 0
    agent.onDeath(() => {
      if (running?.worker === worker) running = undefined
    })
    if (dice.chance(CUT_SHORT)) {
      const ms = dice.roll() * CUT_SHORT_MS
      system.after(ms, `${name} is ended`, () => agent.kill(true))
    }
    options.onStarted(worker)
    return {
      worker,
      fire: (tag) =>
        new Promise((resolve, reject) => {
          works += 1
          agent.onDeath(() => reject(new Error('it was ended')))
          const rest = (): void => {
            works -= 1
            system.after(IDLE_MS, `${name} has nothing to do`, () => works || agent.kill(false))
          }
          const waitUntil = (done: Promise<void>): void =>
            void done.then(resolve, reject).finally(rest)
          agent.thread.after(weather.boot(dice), 'sync', () =>
            scope.dispatchEvent(Object.assign(new Event('sync'), { tag, waitUntil })),
          )
        }),
    }
  }

  function fire(tag: string): void {
    if (!asked.has(tag) || firing.has(tag)) return
    if (network.reach === 'down') {
      system.after(LINK_MS, 'is there a link?', () => fire(tag))
      return
    }
    const attempts = (asked.get(tag) ?? 0) + 1
    asked.set(tag, attempts)
    firing.add(tag)
    running ??= start(tag)
    running.fire(tag).then(
      () => {
        firing.delete(tag)
        // Asked for once more meanwhile: that one is fired too.
        if (asked.get(tag) === attempts) asked.delete(tag)
        else fire(tag)
      },
      () => {
        firing.delete(tag)
        if (asked.get(tag) !== attempts) fire(tag)
        else if (attempts < ATTEMPTS_MAX) system.after(AGAIN_MS, 'a sync again', () => fire(tag))
        else asked.delete(tag)
      },
    )
  }

  return {
    async register(tag) {
      if (!options.hasSync) throw new Error('there is no Background Sync')
      system.after(weather.port(dice), 'a sync is asked for', () => {
        asked.set(tag, 0)
        fire(tag)
      })
    },
  }
}

/**
 * Owns the experiment: pages that send and close in one task, nobody opens a page for a moment, then
 * the next visit; and what the gateway's log had before it and after it (P2, the lifeboat of F25).
 *
 * Every page alone has a line of its own, whose name no worker has ever had; that a cold page is
 * cold is looked up in the origin's locks all the same.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { lineName } from '../../protocol/line-name.js'
import type { Gateway } from '../support/gateway.js'
import type { LastWords, LineAddress, Payload } from './commands.js'
import type { Control, RemotePage } from './control.js'
import { addUp, type Count, countArrivals } from './count.js'

export interface Closing {
  /** Warm: the worker has acknowledged something. Cold: connect, send and close are one task. */
  readonly page: 'warm' | 'cold'
  /** Another tab of the same line lives on; else the page is the last one of its origin. */
  readonly company: 'alone' | 'a living tab'
}

/** What had arrived before the next visit, and after it. */
export interface Arrivals {
  readonly before: Count
  readonly after: Count
}

export interface ClosingsOptions {
  readonly control: Control
  readonly gateway: Gateway
  readonly origin: string
  /** The WebSocket's address. */
  readonly url: string
}

type Trial = LastWords & { readonly address: LineAddress }

const LANES = ['a', 'b']
const EACH = 3
/** Longer than a warm worker needs for what it was told. */
const MOMENT_MS = 1_500
const PATIENCE_MS = 5_000

export async function runClosings(
  { page, company }: Closing,
  times: number,
  { control, gateway, origin, url }: ClosingsOptions,
): Promise<readonly Arrivals[]> {
  const run = crypto.randomUUID()
  const shared: LineAddress = { url, identity: run }
  const trials = Array.from({ length: times }, (_, index): Trial => {
    const own = `${run}/${index}`
    const address = company === 'alone' ? { url, identity: own } : shared
    return { channel: own, lanes: LANES, each: EACH, address }
  })

  async function close({ address, ...words }: Trial): Promise<void> {
    const closing = await control.open(origin)
    if (company === 'alone') await expectNoBroker(closing, address)
    if (page === 'cold') return closing.askToDie({ do: 'send-and-close', words, address })
    await openLine(closing, address)
    return closing.askToDie({ do: 'send-and-close', words })
  }

  async function visit({ address, channel }: Trial): Promise<void> {
    const visitor = await control.open(origin)
    await visitor.ask({ do: 'connect', address })
    const left = await visitor.ask({ do: 'drain', lifeboats: `${lineName(address)}:boat:` })
    if (left) console.log(`the visit to ${channel} did not drain: ${JSON.stringify(left)}`)
    await visitor.askToDie({ do: 'close' })
  }

  async function count(trial: Trial): Promise<Count> {
    const log = await gateway.read(trial.channel)
    return countArrivals(
      trial,
      log.map(({ payload }) => payload as Payload),
    )
  }

  /** Counts at once, or again and again until all is there that is going to come. */
  async function countAll(patienceMs: number): Promise<readonly Count[]> {
    const giveUpAt = performance.now() + patienceMs
    for (;;) {
      const counts = await inTurn(trials, count)
      if (addUp(counts).lost === 0 || performance.now() >= giveUpAt) return counts
      await pause(100)
    }
  }

  const companion = company === 'alone' ? undefined : await control.open(origin)
  if (companion) await openLine(companion, shared)
  for (const trial of trials) await close(trial)
  await pause(MOMENT_MS)
  const before = await countAll(companion ? PATIENCE_MS : 0)
  for (const trial of companion ? trials.slice(0, 1) : trials) await visit(trial)
  const after = await countAll(PATIENCE_MS)
  await companion?.askToDie({ do: 'close' })
  return before.map((early, index) => ({ before: early, after: after[index] ?? early }))
}

async function openLine(page: RemotePage, address: LineAddress): Promise<void> {
  await page.ask({ do: 'connect', address })
  await page.ask({ do: 'warm-up', channel: 'warm-up' })
}

async function expectNoBroker(page: RemotePage, address: LineAddress): Promise<void> {
  const held = (await page.ask({ do: 'list-locks' })) as readonly string[]
  const own = held.filter((name) => name.startsWith(lineName(address)))
  if (own.length) throw new Error(`not cold: ${own.join(', ')} is held`)
}

async function inTurn<T, U>(items: readonly T[], run: (item: T) => Promise<U>): Promise<U[]> {
  const results: U[] = []
  for (const item of items) results.push(await run(item))
  return results
}

/**
 * Asks: how many events a second reach one and ten tabs, and what does the browser pay for them?
 * Ours and a plain WebSocket a tab take turns in one run, because machines drift: read the ratios.
 *
 * Every tab parses every event and hands it to a handler; a round is over when the last tab has seen
 * the last event. CPU is that of the browser's whole process tree.
 */
import { chromium } from '@playwright/test'
import { findBrowser, isRoot } from '../scripts/find-browser.js'
import { cpuOf } from './support/processes.js'
import { startServers } from './support/servers.js'

const ROUNDS = Number(process.env.ROUNDS ?? 5)

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0

/** @param {number} tabs @param {{ ours: number, plain: number }} events */
async function question(tabs, events) {
  const servers = await startServers()
  const executablePath = await findBrowser()
  const server = await chromium.launchServer({
    ...(executablePath && { executablePath }),
    args: ['--disable-gpu', '--disable-background-networking', ...(isRoot ? ['--no-sandbox'] : [])],
  })
  const root = /** @type {number} */ (server.process().pid)
  const browser = await chromium.connect(server.wsEndpoint())
  const context = await browser.newContext()
  /** @type {Record<'ours' | 'plain', { rate: number, cpu: number }[]>} */
  const rounds = { ours: [], plain: [] }
  let first = 1

  /** @param {'ours' | 'plain'} kind @param {number} count */
  async function round(kind, count) {
    const pages = await Promise.all(Array.from({ length: tabs }, () => context.newPage()))
    await Promise.all(pages.map((page) => page.goto(`${servers.url}index.html`)))
    await Promise.all(
      pages.map((page) => page.evaluate(kind === 'ours' ? 'openOurs()' : 'openPlain()')),
    )
    await Promise.all(pages.map((page) => page.evaluate(`expectEvents(${count})`)))
    const cpu = cpuOf(root)
    const start = Date.now()
    await (kind === 'ours' ? servers.produceOurs(first, count) : servers.producePlain(first, count))
    const ends = await Promise.all(pages.map((page) => page.evaluate('done')))
    const end = Math.max(.../** @type {number[]} */ (ends))
    const used = cpuOf(root) - cpu
    const expected = ((first + first + count - 1) * count) / 2
    for (const page of pages) {
      const sum = await page.evaluate('sum()')
      if (sum !== expected) throw new Error(`a tab saw ${sum} instead of ${expected}`)
    }
    if (kind === 'ours' && servers.gateway.stats().connections !== 1)
      throw new Error('not one line')
    first += count
    await Promise.all(pages.map((page) => page.evaluate('stop()')))
    await Promise.all(pages.map((page) => page.close()))
    return { rate: (count / (end - start)) * 1000, cpu: (used / count) * 1e6 }
  }

  try {
    for (let i = 0; i <= ROUNDS; i++) {
      for (const kind of /** @type {const} */ (['plain', 'ours'])) {
        const result = await round(kind, events[kind])
        if (i > 0) rounds[kind].push(result) // The first round only warms up.
      }
    }
  } finally {
    await browser.close()
    await server.close()
    await servers.close()
  }
  const of = (/** @type {'ours' | 'plain'} */ kind, /** @type {'rate' | 'cpu'} */ figure) =>
    median(rounds[kind].map((one) => one[figure]))
  return {
    tabs,
    'plain events/s': Math.round(of('plain', 'rate')),
    'ours events/s': Math.round(of('ours', 'rate')),
    'rate ratio': Number((of('ours', 'rate') / of('plain', 'rate')).toFixed(1)),
    'plain CPU µs/event': Math.round(of('plain', 'cpu')),
    'ours CPU µs/event': Math.round(of('ours', 'cpu')),
    'CPU ratio': Number((of('plain', 'cpu') / of('ours', 'cpu')).toFixed(1)),
  }
}

export async function fanOut() {
  console.log(`Fan-out: median of ${ROUNDS} rounds, ours and a plain WebSocket a tab in turn`)
  const rows = [
    await question(1, { ours: 100_000, plain: 20_000 }),
    await question(10, { ours: 100_000, plain: 10_000 }),
  ]
  console.table(rows)
  return rows
}

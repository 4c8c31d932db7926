/**
 * Visits one page of an app with two tabs and checks what Partyline is for: both are online, on one
 * connection, and an event arrives in both. The app's service worker has started.
 */
import { setTimeout as wait } from 'node:timers/promises'

const DEADLINE_MS = 30_000

/**
 * @param {import('@playwright/test').Browser} browser
 * @param {{ page: string, line: string, status: string }} where
 */
export async function visit(browser, { page, line, status }) {
  const context = await browser.newContext()
  /** @type {string[]} */
  const complaints = []
  try {
    const tabs = [await context.newPage(), await context.newPage()]
    for (const tab of tabs) {
      tab.on('pageerror', (error) => complaints.push(error.message))
      tab.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
      await tab.goto(`${page}?line=${encodeURIComponent(line)}`)
    }
    await until('both tabs are online', async () => {
      const titles = await Promise.all(tabs.map((tab) => tab.title()))
      return titles.every((title) => title === 'online') || `${titles}; ${complaints}`
    })
    await until('the service worker listens', async () => {
      const [worker] = context.serviceWorkers()
      const state = await worker?.evaluate(
        () => /** @type {any} */ (globalThis).registration.active?.state,
      )
      return state === 'activated' || `${state}; ${complaints}`
    })
    const connections = await connectionsOf(status)
    if (connections !== 1) throw new Error(`${connections} connections`)
    const text = `hello from ${page}`
    await until('the event is in both', async () => {
      // A page of a development server may have been loaded anew meanwhile, so it is said again.
      await tabs[0]?.evaluate(
        (said) => /** @type {any} */ (globalThis).app.channel.publish(said),
        text,
      )
      const seen = await Promise.all(
        tabs.map((tab) => tab.evaluate(() => /** @type {any} */ (globalThis).app.seen)),
      )
      return seen.every((payloads) => payloads.includes(text)) || JSON.stringify(seen)
    })
  } finally {
    await context.close()
    await until('nobody is left', async () => {
      const connections = await connectionsOf(status)
      return connections === 0 || `${connections} connections`
    })
  }
}

/** @param {string} status @returns {Promise<number>} */
async function connectionsOf(status) {
  const stats = /** @type {{ connections: number }} */ (await (await fetch(status)).json())
  return stats.connections
}

/** @param {string} what @param {() => Promise<true | string>} check */
async function until(what, check) {
  const deadline = Date.now() + DEADLINE_MS
  for (;;) {
    const outcome = await check()
    if (outcome === true) return
    if (Date.now() > deadline) throw new Error(`never: ${what} (${outcome})`)
    await wait(100)
  }
}

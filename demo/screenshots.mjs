/**
 * Looks at the demo as a person would: wide and narrow, light and dark, from the first visit through
 * a dead server to a refusal, with the built app on a real server. Run `npm run build` and
 * `npm run build:demo` first, then `node demo/screenshots.mjs [folder]`.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { chromium } from '@playwright/test'
import { findBrowser, isRoot } from '../scripts/find-browser.js'

const folder = path.resolve(process.argv[2] ?? '.cache/screenshots')
const SIZES = { wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 844 } }
const SCHEMES = /** @type {const} */ (['light', 'dark'])

/**
 * @param {string} data
 * @param {number} port
 */
async function startServer(data, port) {
  const child = spawn(
    process.execPath,
    ['dist/demo/server.js', '--data', path.join(data, 'boards.db'), '--port', `${port}`],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [line] = await once(createInterface(child.stdout), 'line')
  const origin = /http:\S+?(?=\/?$)/.exec(line)?.[0]
  if (!origin) throw new Error(`The server said: ${line}`)
  return {
    origin,
    port: Number(new URL(origin).port),
    freeze: () => child.kill('SIGSTOP'),
    thaw: () => child.kill('SIGCONT'),
    async stop() {
      child.kill()
      await once(child, 'exit')
    },
  }
}

/**
 * @param {import('@playwright/test').Browser} browser
 * @param {keyof typeof SIZES} size
 * @param {typeof SCHEMES[number]} scheme
 */
async function visit(browser, size, scheme) {
  const data = await mkdtemp(path.join(tmpdir(), 'board-'))
  let server = await startServer(data, 0)
  const context = await browser.newContext({
    viewport: SIZES[size],
    colorScheme: scheme,
    hasTouch: size === 'narrow',
  })
  await context.addInitScript(withRefusingSystem)
  const page = await context.newPage()
  page.on('pageerror', (error) => console.error(error))
  const shoot = async (/** @type {string} */ name) => {
    // Animations are over, and a mark that is about to come is there.
    await page.waitForTimeout(450)
    await page.screenshot({ path: path.join(folder, `${size}-${scheme}-${name}.png`) })
  }
  const bar = page.locator('.status-bar')
  const card = (/** @type {string} */ title) => page.locator('.card', { hasText: title })

  await page.goto(`${server.origin}/board/home`)
  await page.getByLabel('Name').waitFor()
  await shoot('1-welcome')
  await page.getByLabel('Name').fill('Ada Lovelace')
  await page.getByRole('button', { name: 'Come in' }).click()
  await bar.getByText('Online.').first().waitFor()
  await shoot('2-empty')
  await page.getByRole('button', { name: 'Start with a few cards' }).click()
  const others = await Promise.all(Array.from({ length: 4 }, () => context.newPage()))
  await Promise.all(others.map((other) => other.goto(`${server.origin}/board/home`)))
  await page.bringToFront()
  await page.evaluate(() => navigator.serviceWorker.ready)
  await page.waitForFunction(() => document.querySelectorAll('[data-waiting]').length === 0)
  await bar.getByText(/ ms$/).waitFor({ state: size === 'wide' ? 'visible' : 'attached' })
  await shoot('3-board')
  await page.getByRole('button', { name: 'Details' }).click()
  await shoot('3-details')
  await page.getByRole('button', { name: 'Close details' }).click()

  await server.stop()
  await card('Open this board').focus()
  await page.keyboard.press('Alt+ArrowRight')
  await page.keyboard.press('n')
  await page.keyboard.type('Buy tickets for the night train')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Escape')
  await bar
    .getByText(/Reconnecting/)
    .first()
    .waitFor()
  await shoot('4-server-gone')
  await page.reload()
  await card('Buy tickets').waitFor()
  await page.getByRole('button', { name: 'Details' }).click()
  await page.locator('.activity-entry').first().waitFor()
  await shoot('5-opened-without-a-network')
  await page.getByRole('button', { name: 'Close details' }).click()

  server = await startServer(data, server.port)
  if (await page.getByRole('button', { name: 'Try now' }).isVisible()) {
    await page.getByRole('button', { name: 'Try now' }).click()
  }
  await bar.getByText('Online.').first().waitFor({ timeout: 60_000 })
  await page.waitForFunction(() => document.querySelectorAll('[data-waiting]').length === 0)
  await shoot('6-back')

  for (let count = 1; count <= 5; count++) {
    await page
      .locator('[data-column=doing]')
      .getByRole('button', { name: /^Add a card/ })
      .click()
    await page.keyboard.type(`One thing too many, number ${count}`)
    await page.keyboard.press('Enter')
    await page.keyboard.press('Escape')
  }
  await page.locator('.refused').waitFor()
  await shoot('7-refused')
  await page
    .locator('[data-column=doing]')
    .getByRole('button', { name: /^Add a card/ })
    .click()
  await page.keyboard.type('And one more')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Try all again' }).first().waitFor()
  await shoot('7-several-refused')

  server.freeze()
  for (const title of ['Sent, and no answer yet', 'Sent, and taken back']) {
    await page.keyboard.press('n')
    await page.keyboard.type(title)
    await page.keyboard.press('Enter')
    await page.keyboard.press('Escape')
  }
  await page.getByRole('button', { name: 'Ring the bell' }).click()
  await page.getByRole('button', { name: 'Details' }).click()
  await page
    .locator('.panel')
    .getByRole('button', { name: /^Withdraw: .*taken back/ })
    .click()
  await page.locator('.panel [data-state=withdrawn]').waitFor()
  await shoot('8-outbox')
  await page.getByRole('button', { name: 'Close details' }).click()
  await page.getByRole('button', { name: /^You are/ }).click()
  await shoot('9-user-menu')
  await page.getByText('Sign out').click()
  await page.getByRole('dialog').waitFor()
  await shoot('9-sign-out')
  await page.keyboard.press('Escape')
  server.thaw()
  await page.waitForFunction(() => document.querySelectorAll('[data-waiting]').length === 0)

  const first = page.locator('.card').first()
  await first.focus()
  await page.keyboard.press('m')
  await shoot('10-menu')
  await page.keyboard.press('Escape')
  await first.focus()
  await page.keyboard.press('Enter')
  await shoot('11-edit')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Help' }).click()
  await shoot('12-help')
  await page.keyboard.press('Escape')

  // A second person gives cards away: one is told, the other finds a system that refuses.
  await page.getByRole('button', { name: /^You are/ }).click()
  const opened = context.waitForEvent('page')
  await page.getByText('A second person, in a new tab').click()
  const second = await opened
  await second.getByLabel('Name').fill('Zoe')
  await second.getByRole('button', { name: 'Come in' }).click()
  for (const tab of [page, ...others]) await tab.evaluate(refuseNotices)
  await give(second, 0)
  await page.locator('.parked:not([hidden])').waitFor({ state: 'attached' })
  for (const tab of [page, ...others]) await tab.evaluate(allowNotices)
  await give(second, 1)
  await second.close()
  const told = await Promise.race(
    [page, ...others].map(async (tab) => {
      await tab.getByText('Zoe gave you').waitFor()
      return tab
    }),
  )
  await told.bringToFront()
  await told.waitForTimeout(450)
  await told.screenshot({ path: path.join(folder, `${size}-${scheme}-12-notice.png`) })
  const notice = told.locator('.toast', { hasText: 'Zoe gave you' })
  await notice.getByRole('button', { name: 'Dismiss' }).click()
  await page.bringToFront()
  await page.getByRole('button', { name: 'Details' }).click()
  await page.locator('.parked').scrollIntoViewIfNeeded()
  await shoot('12-parked')
  await page.getByRole('button', { name: 'Close details' }).click()

  await page.evaluate(spoilDisk, lineOf(server.origin, 'Ben'))
  await page.getByRole('button', { name: /^You are/ }).click()
  await page.getByText('Somebody else…').click()
  await page.getByLabel('Name').fill('Ben')
  await shoot('13-switch')
  await page.getByRole('button', { name: 'Switch', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Not on disk' }).waitFor()
  await shoot('14-in-memory')
  await page.getByRole('button', { name: 'Details' }).click()
  await shoot('14-in-memory-details')
  await others[0]?.bringToFront()
  await others[0]?.getByRole('dialog').waitFor()
  await others[0]?.waitForTimeout(450)
  await others[0]?.screenshot({
    path: path.join(folder, `${size}-${scheme}-15-signed-out-elsewhere.png`),
  })
  await context.close()
  await server.stop()
  await rm(data, { recursive: true })
}

/** What the line of this person is called on disk. */
const lineOf = (/** @type {string} */ origin, /** @type {string} */ identity) =>
  `partyline:${JSON.stringify([`${origin.replace('http', 'ws')}/line`, identity])}`

/** In the page: leaves a database there that only a version from the future can open. */
function spoilDisk(/** @type {string} */ name) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1_000)
    request.onerror = () => reject(request.error)
    request.onsuccess = () => resolve(request.result.close())
  })
}

/** In every page: a system that gives leave while nobody looks, and refuses all the same. */
function withRefusingSystem() {
  class Refusing {
    static get permission() {
      return document.visibilityState === 'hidden' ? 'granted' : 'default'
    }
    constructor() {
      throw new TypeError('Illegal constructor')
    }
  }
  Object.assign(window, { Notification: Refusing })
}

/** In the page: nobody looks. */
function refuseNotices() {
  Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })
}

function allowNotices() {
  Object.defineProperty(document, 'visibilityState', { value: 'visible', configurable: true })
}

/**
 * @param {import('@playwright/test').Page} page
 * @param {number} which
 */
async function give(page, which) {
  await page.locator('.card').nth(which).click()
  await page.getByLabel('Who', { exact: true }).fill('Ada Lovelace')
  await page.getByRole('button', { name: 'Save' }).click()
}

await mkdir(folder, { recursive: true })
const executablePath = await findBrowser()
const browser = await chromium.launch({
  ...(executablePath && { executablePath }),
  args: [...(isRoot ? ['--no-sandbox'] : []), '--disable-gpu', '--disable-background-networking'],
})
try {
  for (const size of /** @type {const} */ (['wide', 'narrow'])) {
    for (const scheme of SCHEMES) await visit(browser, size, scheme)
  }
  console.log(`Look at ${folder}`)
} finally {
  await browser.close()
}

/**
 * Proves the demo as a person meets it: one board in many tabs, a server that is killed, a page that
 * opens without a network, what becomes of a send, who sits there, keyboard and mouse. It needs the
 * built demo.
 */
import { expect, type Locator, type Page } from '@playwright/test'
import { lineName } from '../protocol/line-name.js'
import { BONDS } from '../scripts/hosts.js'
import { createBackground } from './support/background.js'
import { createDemoServer, type DemoServer } from './support/demo-server.js'
import { test as base } from './support/fixtures.js'

interface Cast {
  readonly server: DemoServer
  /** Opens a board in a new tab; the first tab of a browser has to say who it is. */
  readonly openBoard: (name?: string) => Promise<Page>
}

const test = base.extend<Cast>({
  server: async ({}, use, testInfo) => {
    const server = await createDemoServer(testInfo.outputPath('boards.db'))
    await use(server)
    await server.close()
  },
  openBoard: ({ context, server }, use) =>
    use(async (name) => {
      const page = await context.newPage()
      await page.goto(`${server.origin}/board/home`)
      if (name !== undefined) {
        await page.getByLabel('Name').fill(name)
        await page.getByRole('button', { name: 'Come in' }).click()
      }
      return page
    }),
})

const titles = (page: Page, name: string): Locator => column(page, name).locator('.card-title')
const column = (page: Page, name: string): Locator =>
  page.getByRole('region', { name, exact: true })
const card = (page: Page, title: string): Locator => page.locator('.card', { hasText: title })
const sentence = (page: Page): Locator => page.locator('.status-sentence')
const waiting = (page: Page): Locator => page.locator('[data-waiting]')
const queued = (page: Page): Locator => page.locator('.chip.is-queued')

async function add(page: Page, title: string): Promise<void> {
  await column(page, 'To do')
    .getByRole('button', { name: /^Add a card/ })
    .click()
  await page.keyboard.type(title)
  await page.keyboard.press('Enter')
  await page.keyboard.press('Escape')
  await expect(card(page, title)).toBeVisible()
}

/**
 * What was added is on the board, and the server has said that it has it. Neither alone will do: the event
 * may be here before the answer, and nothing waits either before the first word of the outbox has come.
 */
async function settled(page: Page): Promise<void> {
  await expect(waiting(page)).toHaveCount(0)
  await expect(queued(page)).toHaveText('Nothing waiting')
}

async function chooseUser(page: Page, item: string): Promise<void> {
  await page.getByRole('button', { name: /^You are / }).click()
  await page.locator('.menu-item', { hasText: item }).click()
}

/** A second person in the same browser. */
async function openBeside(page: Page, name: string): Promise<Page> {
  const opened = page.context().waitForEvent('page')
  await chooseUser(page, 'A second person, in a new tab')
  const tab = await opened
  await tab.getByLabel('Name').fill(name)
  await tab.getByRole('button', { name: 'Come in' }).click()
  return tab
}

/** The one entry of the outbox, in the panel. */
async function openOutbox(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Details' }).click()
  return page.locator('.panel .outbox-entry')
}

/** What this browser still has of a person: items by name, and databases with something in them. */
const leftOf = (page: Page, name: string): Promise<readonly string[]> =>
  page.evaluate(async (of) => {
    const isTheirs = (one: string): boolean => one.includes(`"${of}"`)
    const answer = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
    const left = Object.keys(localStorage).filter(isTheirs)
    for (const { name: database = '' } of await indexedDB.databases()) {
      if (!isTheirs(database)) continue
      const opened = await answer(indexedDB.open(database))
      const stores = [...opened.objectStoreNames]
      const transaction = opened.transaction(stores)
      for (const store of stores) {
        const count = await answer(transaction.objectStore(store).count())
        if (count > 0) left.push(`${database}: ${count} in ${store}`)
      }
      opened.close()
    }
    return left
  }, name)

test('[P9] a pause in one tab is a pause in all, and any of them ends it', {
  tag: BONDS.sharedLine,
}, async ({ openBoard }) => {
  const page = await openBoard('Ada')
  const other = await openBoard()
  await page.getByRole('button', { name: 'Details' }).click()
  await page.locator('.panel').getByRole('button', { name: 'Pause' }).click()
  await expect(sentence(page)).toHaveText('Offline: paused.')
  await expect(sentence(other)).toHaveText('Offline: paused.')
  await add(page, 'Waits for the end of it')
  await expect(waiting(other)).toHaveCount(1)
  await other.locator('.status-bar').getByRole('button', { name: 'Go on' }).click()
  await expect(sentence(page)).toHaveText('Online.')
  await expect(waiting(other)).toHaveCount(0)
})

test('[P1] [P9] ten tabs show one board over one line, and each says so', {
  tag: BONDS.sharedLine,
}, async ({ openBoard }) => {
  const first = await openBoard('Ada')
  await expect(sentence(first)).toHaveText('Online.')
  await add(first, 'Tea')
  await expect(waiting(first)).toHaveCount(0)
  const tabs = [first]
  for (let count = 2; count <= 10; count++) tabs.push(await openBoard())
  for (const tab of tabs) {
    await expect(card(tab, 'Tea')).toBeVisible()
    await expect(tab.locator('.chip.is-tabs')).toHaveText('10 tabs, one line')
  }
})

test('[P2] [P3] what is done while the server is dead is on the board once it is back', async ({
  openBoard,
  server,
}) => {
  const ada = await openBoard('Ada')
  await add(ada, 'Tea')
  await settled(ada)
  await server.kill()
  await expect(sentence(ada)).toContainText('Reconnecting')
  await add(ada, 'Cake')
  await card(ada, 'Tea').press('Alt+ArrowRight')
  await expect(waiting(ada)).toHaveCount(2)
  await expect(queued(ada)).toHaveText('2 waiting')

  await server.start()
  await expect(waiting(ada)).toHaveCount(0)
  await expect(sentence(ada)).toHaveText('Online.')
  const other = await openBoard()
  await expect(titles(other, 'To do')).toHaveText(['Cake'])
  await expect(titles(other, 'Doing')).toHaveText(['Tea'])
})

test('[P2] a page that opens without a network shows the board and what is queued', {
  tag: BONDS.disk,
}, async ({ openBoard, server }) => {
  const ada = await openBoard('Ada')
  await add(ada, 'Tea')
  await settled(ada)
  await ada.evaluate(() => navigator.serviceWorker.ready)
  await server.kill()
  await add(ada, 'Cake')
  await expect(queued(ada)).toHaveText('1 waiting')
  await ada.close()

  const later = await openBoard()
  await expect(card(later, 'Tea')).toBeVisible()
  await expect(card(later, 'Cake')).toContainText('Waiting')
  await later.getByRole('button', { name: 'Details' }).click()
  await expect(later.locator('.outbox-entry')).toContainText('Add “Cake” to To do')
  await server.start()
  await expect(waiting(later)).toHaveCount(0)
  await expect(card(later, 'Cake')).toBeVisible()
})

test('[P2] a card that was added without a network is on the board though nobody has it open and its worker is killed', {
  tag: BONDS.disk,
}, async ({ openBoard, server, context, host }) => {
  const ada = await openBoard('Ada')
  await add(ada, 'Tea')
  await settled(ada)
  const background = await createBackground(context, server.origin, '/service-worker.js')
  await ada.evaluate(() => navigator.serviceWorker.ready)
  await server.kill()
  await context.setOffline(true)
  await add(ada, 'Cake')
  await expect.poll(() => background.tags(ada)).toHaveLength(1)
  await ada.close()
  expect(await background.killSharedWorkers()).toBe(host === 'shared-worker' ? 1 : 0)

  await server.start()
  await context.setOffline(false)

  const board = async (): Promise<string> => (await fetch(`${server.origin}/api/board/home`)).text()
  await expect.poll(board).toContain('Cake')
})

test('[P5] a refusal is told, seen in every tab, and can be tried again or let go', {
  tag: BONDS.sharedLine,
}, async ({ openBoard }) => {
  const ada = await openBoard('Ada')
  const other = await openBoard()
  await ada.bringToFront()
  for (const title of ['one', 'two', 'three', 'four', 'five']) {
    await add(ada, title)
    await card(ada, title).press('Alt+ArrowRight')
    await expect(waiting(ada)).toHaveCount(0)
  }
  await expect(titles(ada, 'To do')).toHaveText(['five'])
  await expect(ada.getByRole('alert')).toContainText('Doing takes 4 cards')
  const refused = other.getByRole('region', { name: 'Did not get through' })
  await expect(refused).toContainText('Move “five” to Doing')

  await card(ada, 'one').press('Alt+ArrowRight')
  await expect(titles(other, 'Done')).toHaveText(['one'])
  await refused.getByRole('button', { name: /^Try again/ }).click()
  await expect(refused).toBeHidden()
  await expect(titles(ada, 'Doing')).toHaveCount(4)
})

test('[P5] two refusals are tried again with one press', async ({ openBoard }) => {
  const ada = await openBoard('Ada')
  for (const title of ['one', 'two', 'three', 'four', 'five', 'six']) {
    await add(ada, title)
    await card(ada, title).press('Alt+ArrowRight')
    await expect(waiting(ada)).toHaveCount(0)
  }
  const refused = ada.getByRole('region', { name: 'Did not get through' })
  await expect(refused).toContainText('2 did not get through')
  for (const title of ['one', 'two']) await card(ada, title).press('Alt+ArrowRight')
  await expect(titles(ada, 'Done')).toHaveCount(2)
  await refused.getByRole('button', { name: 'Try all again' }).click()
  await expect(refused).toBeHidden()
  await expect(titles(ada, 'Doing')).toHaveCount(4)
})

test('[P5] a ring is heard at once, or is too late and says so', async ({ openBoard, server }) => {
  const ada = await openBoard('Ada')
  const ben = await openBeside(ada, 'Ben')
  await expect(sentence(ben)).toHaveText('Online.')
  await ada.getByRole('button', { name: 'Ring the bell' }).click()
  await expect(ben.getByText('Ada rings the bell.')).toBeVisible()
  await ada.bringToFront()

  await server.kill()
  await expect(sentence(ada)).toContainText('Reconnecting')
  await ada.getByRole('button', { name: 'Ring the bell' }).click()
  const entry = await openOutbox(ada)
  await expect(entry).toContainText(/Ring the bell.*Waiting.*expires in \d+ s/)
  await expect(entry).toContainText('Too late', { timeout: 30_000 })
  await entry.getByRole('button', { name: 'Discard: Ring the bell' }).click()
  await expect(entry).toHaveCount(0)
})

test('[P5] what was sent can only be withdrawn, and the server has the last word', async ({
  openBoard,
  server,
}) => {
  const ada = await openBoard('Ada')
  await expect(sentence(ada)).toHaveText('Online.')
  server.freeze()
  await add(ada, 'Tea')
  const entry = await openOutbox(ada)
  await expect(entry).toContainText('On its way')
  await entry.getByRole('button', { name: 'Withdraw' }).click()
  await expect(card(ada, 'Tea')).toBeHidden()
  await expect(entry).toContainText('Being withdrawn')
  await expect(entry.getByRole('button')).toHaveCount(0)
  server.thaw()
  await expect(ada.locator('.panel')).toContainText('All that was said has arrived.')
  await expect(entry).toHaveCount(0)
  await expect(card(ada, 'Tea')).toBeVisible()
  await expect(ada.getByText('the server was quicker')).toBeVisible()
})

test('[P2] what is typed when the tab goes away is a card', async ({ openBoard }) => {
  const ada = await openBoard('Ada')
  const other = await openBoard()
  await expect(sentence(other)).toHaveText('Online.')
  await column(ada, 'To do')
    .getByRole('button', { name: /^Add a card/ })
    .click()
  await ada.keyboard.type('Half a thought')
  await ada.goto('about:blank')
  await expect(card(other, 'Half a thought')).toBeVisible()
  await expect(waiting(other)).toHaveCount(0)
})

test('[P9] a disk that cannot be used is told, with the reason and what to do', async ({
  openBoard,
  server,
}) => {
  const ada = await openBoard()
  const name = lineName({ url: `${server.origin.replace('http', 'ws')}/line`, identity: 'Ada' })
  await ada.evaluate(
    (of) =>
      new Promise<void>((resolve, reject) => {
        const request = indexedDB.open(of, 1_000)
        request.onerror = () => reject(request.error)
        request.onsuccess = () => {
          request.result.close()
          resolve()
        }
      }),
    name,
  )
  await ada.getByLabel('Name').fill('Ada')
  await ada.getByRole('button', { name: 'Come in' }).click()
  await ada.getByRole('button', { name: 'Not on disk' }).click()
  const panel = ada.getByRole('region', { name: 'The line in detail' })
  await expect(panel).toContainText('In memory only')
  await expect(panel).toContainText('Leave a tab open until all has arrived.')
  await add(ada, 'Tea')
  await expect(waiting(ada)).toHaveCount(0)
})

/** In the dialog of a card. */
async function give(page: Page, title: string, to: string): Promise<void> {
  await card(page, title).click()
  await page.getByLabel('Who', { exact: true }).fill(to)
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(waiting(page)).toHaveCount(0)
}

test('[P8] one tab of many tells of a card that somebody gave, also what was given meanwhile', {
  tag: BONDS.sharedLine,
}, async ({ openBoard }) => {
  const ada = await openBoard('Ada')
  await add(ada, 'Tea')
  await expect(waiting(ada)).toHaveCount(0)
  const tabs = [ada, await openBoard(), await openBoard(), await openBoard()]
  for (const tab of tabs) await expect(sentence(tab)).toHaveText('Online.')
  const ben = await openBeside(ada, 'Ben')
  await give(ben, 'Tea', 'Ada')
  const notices = async (): Promise<number> => {
    const counts = tabs.map((tab) => tab.locator('.toast', { hasText: 'Ben gave you' }).count())
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
  }
  await expect.poll(notices).toBe(1)
  await add(ben, 'Cake')
  for (const tab of tabs) await expect(card(tab, 'Cake')).toBeVisible()
  expect(await notices()).toBe(1)

  for (const tab of tabs) await tab.close()
  await give(ben, 'Cake', 'Ada')
  await ben.evaluate(() => localStorage.setItem('party-board:last', 'Ada'))
  const later = await openBoard()
  await expect(later.locator('.toast')).toHaveText(/Ben gave you “Cake”/)
})

test('[P5] [P8] what no tab could tell lies in the details of all, to be tried again', {
  tag: BONDS.sharedLine,
}, async ({ openBoard, context }) => {
  // A system that has given leave and refuses all the same, as some phones do.
  await context.addInitScript(() => {
    class Refusing {
      static permission = 'granted'
      constructor() {
        throw new TypeError('Illegal constructor')
      }
    }
    Object.assign(window, { Notification: Refusing })
    Object.defineProperty(document, 'visibilityState', { get: () => 'hidden', configurable: true })
  })
  const ada = await openBoard('Ada')
  await add(ada, 'Tea')
  await expect(waiting(ada)).toHaveCount(0)
  const other = await openBoard()
  const ben = await openBeside(ada, 'Ben')
  await give(ben, 'Tea', 'Ada')
  for (const tab of [ada, other]) {
    await expect(tab.locator('.chip.is-failed')).toHaveText('1 failed', { timeout: 30_000 })
  }
  await other.getByRole('button', { name: 'Details' }).click()
  const parked = other.getByRole('region', { name: 'Not told yet' })
  await expect(parked).toContainText('Ben edited “Tea”')
  for (const tab of [ada, other]) {
    await tab.evaluate(() =>
      Object.defineProperty(document, 'visibilityState', { get: () => 'visible' }),
    )
  }
  await parked.getByRole('button', { name: /^Try again/ }).click()
  await expect(parked).toBeHidden()
  await expect(other.locator('.chip.is-failed')).toBeHidden()
})

test('[P7] what happened lately is there at once when a page opens without a network', {
  tag: BONDS.disk,
}, async ({ openBoard, server }) => {
  const ada = await openBoard('Ada')
  for (const title of ['Tea', 'Cake']) await add(ada, title)
  await card(ada, 'Tea').press('Alt+ArrowRight')
  await settled(ada)
  await ada.evaluate(() => navigator.serviceWorker.ready)
  const other = await openBoard()
  await other.getByRole('button', { name: 'Details' }).click()
  const lately = (page: Page): Locator => page.locator('.activity-what')
  const said = ['Ada moved “Tea” to Doing', 'Ada added “Cake” to To do', 'Ada added “Tea” to To do']
  await expect(lately(other)).toHaveText(said)
  await server.kill()
  await expect(sentence(other)).toContainText('Reconnecting')
  for (const tab of [ada, other]) await tab.close()

  const later = await openBoard()
  await later.getByRole('button', { name: 'Details' }).click()
  await expect(lately(later)).toHaveText(said)
})

test('[P13] two people in one browser have an outbox each', async ({ openBoard, server }) => {
  const ada = await openBoard('Ada')
  await add(ada, 'Tea')
  await settled(ada)
  const ben = await openBeside(ada, 'Ben')
  await expect(card(ben, 'Tea')).toBeVisible()
  await server.kill()
  await add(ada, 'Cake')
  await expect(queued(ada)).toHaveText('1 waiting')
  await expect(queued(ben)).toHaveText('Nothing waiting')
  await expect(card(ben, 'Cake')).toBeHidden()
  await server.start()
  await expect(card(ben, 'Cake')).toBeVisible()
})

test('[P13] with nothing queued a person is signed out without a question, in every tab', async ({
  openBoard,
  host,
}) => {
  const ada = await openBoard('Ada')
  const other = await openBoard()
  await add(ada, 'Tea')
  await settled(ada)
  await expect(sentence(other)).toHaveText('Online.')
  const ben = await openBeside(ada, 'Ben')
  await chooseUser(ada, 'Sign out')
  await expect(ada.getByRole('heading', { name: 'Welcome to the board' })).toBeVisible()
  await expect(other.getByRole('dialog')).toContainText('Ada has signed out in another tab.')
  expect(await leftOf(other, 'Ada')).toEqual([])
  await expect(sentence(ben)).toHaveText('Online.')

  await other.getByLabel('Name').fill('Ben')
  await other.getByRole('button', { name: 'Come in' }).click()
  await expect(card(other, 'Tea')).toBeVisible()
  const both = host === 'page' ? '1 tab, one line' : '2 tabs, one line'
  await expect(other.locator('.chip.is-tabs')).toHaveText(both)
})

test('[P13] what is kept at a change of user goes on when its owner is back', async ({
  openBoard,
  server,
}) => {
  const ada = await openBoard('Ada')
  await expect(sentence(ada)).toHaveText('Online.')
  await server.kill()
  await add(ada, 'Cake')
  await expect(queued(ada)).toHaveText('1 waiting')
  await chooseUser(ada, 'Somebody else…')
  await ada.getByLabel('Name').fill('Ben')
  await ada.getByRole('button', { name: 'Switch', exact: true }).click()
  const question = ada.getByRole('dialog', { name: 'Sign Ada out?' })
  await expect(question).toContainText('1 change has not reached the server')
  await question.getByRole('button', { name: 'Sign out' }).click()
  await expect(ada.getByRole('button', { name: /^You are Ben/ })).toBeVisible()
  await expect(card(ada, 'Cake')).toBeHidden()
  await server.start()
  await expect(sentence(ada)).toHaveText('Online.')
  await expect(card(ada, 'Cake')).toBeHidden()
  await chooseUser(ada, 'Ada')
  await expect(card(ada, 'Cake')).toBeVisible()
  await expect(waiting(ada)).toHaveCount(0)
})

test('[P13] what is discarded at a sign-out is gone, and so is its owner', async ({
  openBoard,
  server,
}) => {
  const ada = await openBoard('Ada')
  await add(ada, 'Tea')
  await settled(ada)
  await server.kill()
  await add(ada, 'Cake')
  await expect(queued(ada)).toHaveText('1 waiting')
  await chooseUser(ada, 'Sign out')
  await ada.getByRole('radio', { name: 'Discard' }).check()
  await ada.getByRole('button', { name: 'Sign out', exact: true }).click()
  await expect(ada.getByRole('heading', { name: 'Welcome to the board' })).toBeVisible()
  expect(await leftOf(ada, 'Ada')).toEqual([])
  await server.start()
  await ada.getByLabel('Name').fill('Ada')
  await ada.getByRole('button', { name: 'Come in' }).click()
  await expect(card(ada, 'Tea')).toBeVisible()
  await settled(ada)
  await expect(card(ada, 'Cake')).toBeHidden()
})

test('a card can be dragged, edited, removed and brought back', async ({ openBoard }) => {
  const ada = await openBoard('Ada')
  await add(ada, 'Tea')
  await card(ada, 'Tea').hover()
  await ada.mouse.down()
  await column(ada, 'Done').hover({ position: { x: 120, y: 200 } })
  await expect(ada.locator('.drop-mark')).toBeAttached()
  await ada.mouse.up()
  await expect(titles(ada, 'Done')).toHaveText(['Tea'])
  await expect(ada.getByRole('dialog')).toBeHidden()

  await card(ada, 'Tea').click()
  await ada.getByLabel('Title', { exact: true }).fill('Green tea')
  await ada.getByRole('button', { name: 'Save' }).click()
  await expect(card(ada, 'Green tea')).toBeVisible()

  await card(ada, 'Green tea').press('Delete')
  await expect(card(ada, 'Green tea')).toBeHidden()
  await ada.getByRole('button', { name: 'Undo' }).click()
  await expect(titles(ada, 'Done')).toHaveText(['Green tea'])
})

test('the focus stays with a card that is moved by keyboard', async ({ openBoard }) => {
  const ada = await openBoard('Ada')
  await add(ada, 'Tea')
  await add(ada, 'Cake')
  await card(ada, 'Tea').focus()
  await ada.keyboard.press('ArrowDown')
  await expect(card(ada, 'Cake')).toBeFocused()
  await ada.keyboard.press('Control+ArrowUp')
  await expect(titles(ada, 'To do')).toHaveText(['Cake', 'Tea'])
  await expect(card(ada, 'Cake')).toBeFocused()
  await ada.keyboard.press('m')
  await ada.keyboard.press('m')
  await expect(ada.getByRole('menuitem', { name: 'Move to Doing' })).toBeFocused()
  await ada.keyboard.press('Enter')
  await expect(titles(ada, 'Doing')).toHaveText(['Cake'])
  await expect(card(ada, 'Cake')).toBeFocused()
})

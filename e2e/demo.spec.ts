/**
 * Proves the demo as a person meets it: one board in many tabs, a server that is killed, a page that
 * opens without a network, a refusal, a change of user, keyboard and mouse. It needs the built demo.
 */
import { test as base, expect, type Locator, type Page } from '@playwright/test'
import { createDemoServer, type DemoServer } from './support/demo-server.js'

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

async function add(page: Page, title: string): Promise<void> {
  await column(page, 'To do')
    .getByRole('button', { name: /^Add a card/ })
    .click()
  await page.keyboard.type(title)
  await page.keyboard.press('Enter')
  await page.keyboard.press('Escape')
  await expect(card(page, title)).toBeVisible()
}

test('[P1] [P9] ten tabs show one board over one line, and each says so', async ({ openBoard }) => {
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
  await expect(waiting(ada)).toHaveCount(0)
  await server.kill()
  await expect(sentence(ada)).toContainText('Reconnecting')
  await add(ada, 'Cake')
  await card(ada, 'Tea').press('Alt+ArrowRight')
  await expect(waiting(ada)).toHaveCount(2)
  await expect(ada.locator('.chip.is-queued')).toHaveText('2 waiting')

  await server.start()
  await expect(waiting(ada)).toHaveCount(0)
  await expect(sentence(ada)).toHaveText('Online.')
  const other = await openBoard()
  await expect(titles(other, 'To do')).toHaveText(['Cake'])
  await expect(titles(other, 'Doing')).toHaveText(['Tea'])
})

test('[P2] a page that opens without a network shows the board and what is queued', async ({
  openBoard,
  server,
}) => {
  const ada = await openBoard('Ada')
  await add(ada, 'Tea')
  await expect(waiting(ada)).toHaveCount(0)
  await ada.evaluate(() => navigator.serviceWorker.ready)
  await server.kill()
  await add(ada, 'Cake')
  await expect(ada.locator('.chip.is-queued')).toHaveText('1 waiting')
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

test('[P5] a refusal is told, seen in every tab, and can be tried again or let go', async ({
  openBoard,
}) => {
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
  const refused = other.getByRole('region', { name: 'Refused by the server' })
  await expect(refused).toContainText('Move “five” to Doing')

  await card(ada, 'one').press('Alt+ArrowRight')
  await expect(titles(other, 'Done')).toHaveText(['one'])
  await refused.getByRole('button', { name: /^Try again/ }).click()
  await expect(refused).toBeHidden()
  await expect(titles(ada, 'Doing')).toHaveCount(4)
})

test('[P13] two people in one browser have an outbox each', async ({ openBoard, server }) => {
  const ada = await openBoard('Ada')
  await add(ada, 'Tea')
  await expect(waiting(ada)).toHaveCount(0)
  const ben = await openBoard()
  await ben.getByRole('button', { name: /^You are Ada/ }).click()
  await ben.getByRole('menuitem', { name: 'Somebody else…' }).click()
  await ben.getByLabel('Name').fill('Ben')
  await ben.getByRole('button', { name: 'Switch', exact: true }).click()
  await expect(card(ben, 'Tea')).toBeVisible()
  await server.kill()
  await add(ada, 'Cake')
  await expect(ada.locator('.chip.is-queued')).toHaveText('1 waiting')
  await expect(ben.locator('.chip.is-queued')).toHaveText('Nothing waiting')
  await expect(card(ben, 'Cake')).toBeHidden()
  await server.start()
  await expect(card(ben, 'Cake')).toBeVisible()
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

/** A machine that wakes, a window that is shown, a network that is back: told by anybody, acted on once. */
import { afterEach, describe, expect, it } from 'vitest'
import { createHouse, type HouseTab } from './house.js'
import { openOnline } from './news.js'

let house: ReturnType<typeof createHouse>

afterEach(() => house.close())

/** Long enough to count as stable, and before the first heartbeat. */
const STABLE_MS = 6_000
const PROOF_MS = 2_000
const FIRST_RETRY_MS = 250

async function stable(tabs: number) {
  house = createHouse()
  const opened = await openOnline(house, tabs, {})
  await house.advance(STABLE_MS)
  // Each tab that attached was a suspicion of its own; what was asked then is answered.
  await answerPings()
  return { ...opened, before: pings().length }
}

const pings = () => house.server.latest.bodies('ping')

async function answerPings(): Promise<void> {
  const latest = pings().at(-1)
  if (latest) await house.server.latest.say(['pong', { id: latest.id }])
}

describe('a suspicion', () => {
  const ways: [what: string, tell: (tab: HouseTab) => void][] = [
    ['becomes visible', ({ page }) => page.visible()],
    ['hears that the network is back', ({ page }) => page.online()],
    ['runs again after it was frozen', ({ page }) => page.resumed()],
    [
      'comes back from the back/forward cache',
      ({ page }) => {
        page.hidden()
        page.shown()
      },
    ],
  ]
  for (const [what, tell] of ways) {
    it(`[P10][F33][S27][S28][S133] finds a dead socket within 2 s when any tab ${what}, and replaces it`, async () => {
      const { tabs, before } = await stable(3)
      const dead = house.server.latest
      if (tabs[1]) tell(tabs[1])
      await house.quiet()
      expect(dead.bodies('ping')).toHaveLength(before + 1)
      await house.advance(PROOF_MS + FIRST_RETRY_MS)
      expect(dead.closedByClient).toBe(1000)
      expect(house.server.connections).toHaveLength(2)
      expect(house.server.open).toBe(1)
    })
  }

  it('[P10][S27] of ten tabs that are shown at once is one ping, also when its answer is quick', async () => {
    const { tabs, before } = await stable(10)
    for (const { page } of tabs) {
      page.visible()
      await house.quiet()
      await answerPings()
    }
    expect(pings()).toHaveLength(before + 1)
    await house.advance(PROOF_MS + FIRST_RETRY_MS)
    expect(house.server.connections).toHaveLength(1)
  })

  it('[P10][F33][F45][S29][G63] is the worker’s own after a sleep, with every tab hidden and mute', async () => {
    const { tabs, before } = await stable(2)
    for (const { page } of tabs) page.concealed()
    await house.quiet()
    house.clock.jumpWall(3_600_000)
    await house.advance(2_000)
    expect(pings()).toHaveLength(before + 1)
    await house.advance(PROOF_MS + FIRST_RETRY_MS)
    expect(house.server.connections).toHaveLength(2)
  })

  it('[P10][S30] is that of a tab which attaches, as if it had become visible', async () => {
    const { before } = await stable(1)
    house.openTab()
    await house.quiet()
    expect(pings()).toHaveLength(before + 1)
    await house.advance(PROOF_MS + FIRST_RETRY_MS)
    expect(house.server.connections).toHaveLength(2)
  })

  it('[P10] makes the next attempt come at once when the network is back', async () => {
    const { tab } = await stable(1)
    for (let i = 0; i < 7; i++) {
      await house.server.latest.cut()
      await house.advance(i < 6 ? 30_000 : 0)
    }
    const { status } = tab.line
    await house.quiet()
    const retryAt = status.value.state === 'reconnecting' ? status.value.retryAt : 0
    expect(retryAt - house.clock.wall()).toBeGreaterThan(5_000)
    const { length } = house.server.connections
    tab.page.online()
    await house.quiet()
    await house.advance(FIRST_RETRY_MS)
    expect(house.server.connections).toHaveLength(length + 1)
  })
})

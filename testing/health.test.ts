import { afterEach, describe, expect, it } from 'vitest'
import { createHouse } from './house.js'
import { openOnline } from './news.js'

let house: ReturnType<typeof createHouse>

afterEach(() => house.close())

async function failAttempt(): Promise<void> {
  await house.server.latest.cut()
  await house.quiet()
}

describe('a line with a health address', () => {
  it('[P9] says in every tab whether it is the network, the server or the socket', async () => {
    house = createHouse()
    const tabs = [1, 2].map(() => house.openTab({ healthUrl: '/health' }))
    await house.quiet()
    const shown = () => tabs.map(({ line }) => line.status.value)
    await failAttempt()
    expect(house.healthAsked).toMatchObject([{ url: 'https://app.example/health' }])
    for (const status of shown()) {
      expect(status).toMatchObject({ state: 'reconnecting', cause: 'network' })
    }
    house.state.health = 503
    await house.advance(1_000)
    await failAttempt()
    for (const status of shown()) expect(status).toMatchObject({ cause: 'server-busy' })
    house.state.health = 200
    for (let i = 0; i < 2; i++) {
      await house.advance(30_000)
      await failAttempt()
    }
    for (const status of shown()) expect(status).toMatchObject({ cause: 'refused' })
  })

  it('is up when the server welcomes it, whatever the address says', async () => {
    house = createHouse()
    const tab = house.openTab({ healthUrl: '/health' })
    await house.quiet()
    await failAttempt()
    await house.advance(1_000)
    await house.server.latest.welcome()
    await house.advance(100)
    expect(tab.line.status.value.state).toBe('online')
    expect(house.healthAsked).toHaveLength(1)
  })

  it('[P14] waits for no answer: attempts go on, and the question ends with the line', async () => {
    house = createHouse()
    house.state.health = undefined
    const tab = house.openTab({ healthUrl: '/health' })
    await house.quiet()
    await failAttempt()
    await house.advance(1_000)
    expect(house.server.connections).toHaveLength(2)
    await failAttempt()
    expect(house.healthAsked).toHaveLength(1)
    const left = tab.line.signOut({ outbox: 'discard' })
    await house.quiet()
    await left
    expect(house.healthAsked[0]?.signal.aborted).toBe(true)
  })

  it('asks nobody where the app has named none', async () => {
    house = createHouse()
    house.openTab()
    await house.quiet()
    await failAttempt()
    await house.advance(30_000)
    expect(house.healthAsked).toEqual([])
  })

  it('does not ask when a line that was up is lost: it tries first', async () => {
    house = createHouse()
    await openOnline(house, 1, { healthUrl: '/health' })
    await house.advance(6_000)
    await failAttempt()
    expect(house.healthAsked).toEqual([])
    await house.advance(1_000)
    await failAttempt()
    expect(house.healthAsked).toHaveLength(1)
  })
})

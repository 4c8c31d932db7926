/** What a person or a signal takes back (P5), wherever it is: here, with another page, or with the broker. */
import { afterEach, describe, expect, it } from 'vitest'
import { createHouse, type HouseTab } from './house.js'

let house: ReturnType<typeof createHouse>

afterEach(() => house.close())

/** The server welcomes whoever has come. */
async function welcome(): Promise<void> {
  await house.quiet()
  await house.server.latest.welcome()
  await house.quiet()
}

/** A house whose worker runs, with one visible tab. */
async function warm(): Promise<HouseTab> {
  house = createHouse()
  const tab = house.openTab()
  await welcome()
  return tab
}

const payloads = () => house.server.latest.bodies('op').map(({ payload }) => payload)

/** The page goes for good, in this very task. */
function leave(tab: HouseTab): void {
  tab.page.hidden()
  tab.page.concealed()
  tab.kill('losing')
}

describe('a send with a key of its own', () => {
  it('[P5] is sent once more after a person gave it up, also before any worker has answered', async () => {
    const tab = await warm()
    await house.server.latest.cut()
    const given = tab.line.send('note', 1, { key: 'mine' })
    await given.stored
    await tab.line.outbox.discard(given.key)
    await expect(given.done).rejects.toMatchObject({ code: 'discarded' })
    leave(tab)
    const next = house.openTab()
    next.line.send('note', 2, { key: 'mine' })
    await house.advance(1_000)
    await welcome()
    expect(payloads()).toEqual(['2'])
  })
})

describe('a send that is withdrawn', () => {
  it('[P5] is not taken up by the next page when its own has gone', async () => {
    house = createHouse()
    house.state.isWorkerDeaf = true
    const cold = house.openTab()
    await house.quiet()
    const { key } = cold.line.send('note', 1)
    void cold.line.outbox.discard(key)
    leave(cold)
    house.state.isWorkerDeaf = false
    house.openTab()
    await welcome()
    expect(payloads()).toEqual([])
  })

  it('[P5][G8] never travels when it had not yet', async () => {
    const tab = await warm()
    await house.server.latest.cut()
    const controller = new AbortController()
    const delivery = tab.line.send('note', 1, { signal: controller.signal })
    await delivery.stored
    controller.abort()
    await expect(delivery.done).rejects.toMatchObject({ code: 'discarded' })
    await house.advance(1_000)
    await welcome()
    expect(payloads()).toEqual([])
  })

  it('[P4][P5] is not begun by a broker that had never heard of it', async () => {
    const living = await warm()
    house.state.isWorkerDeaf = true
    const cold = house.openTab()
    await house.quiet()
    const controller = new AbortController()
    const delivery = cold.line.send('note', 1, { signal: controller.signal })
    controller.abort()
    cold.line.send('note', 2)
    house.state.isWorkerDeaf = false
    await house.advance(1_000)
    await house.advance(50)
    await expect(delivery.done).rejects.toMatchObject({ code: 'discarded' })
    expect(payloads()).toEqual(['2'])
    expect(living.line.outbox.value).toMatchObject([{ payload: '2' }])
  })

  it('[P3][P5] does not take effect after its sender was told that the worker was silent', async () => {
    house = createHouse()
    house.state.hasWorkers = false
    house.state.isWorkerSlow = true
    const tab = house.openTab({ onError() {} })
    const delivery = tab.line.send('note', 1)
    for (const ms of [1_000, 2_000, 4_000, 8_000]) await house.advance(ms)
    await expect(delivery.done).rejects.toMatchObject({ code: 'worker-silent', retryable: true })
    house.workerStarts()
    await welcome()
    await house.advance(50)
    expect(payloads()).toEqual([])
    expect(tab.line.status.value).toMatchObject({ state: 'online', queued: 0 })
  })

  it('[P5] does not take effect although another page had taken it up', async () => {
    const living = await warm()
    await house.server.latest.cut()
    house.state.isWorkerDeaf = true
    const cold = house.openTab({ onError() {} })
    const controller = new AbortController()
    const delivery = cold.line.send('note', 1, { signal: controller.signal })
    // The other page has handed it over by now.
    await house.advance(1_500)
    await house.advance(50)
    expect(living.line.status.value.queued).toBe(1)
    controller.abort()
    house.state.isWorkerDeaf = false
    await house.advance(2_000)
    await expect(delivery.done).rejects.toMatchObject({ code: 'discarded' })
    await house.advance(50)
    expect(living.line.status.value.queued).toBe(0)
    await welcome()
    expect(payloads()).toEqual([])
  })
})

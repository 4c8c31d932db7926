/** Two workers of one line that cannot talk to each other: the lock alone says whose turn it is. */
import { expect, it } from 'vitest'
import type { TabId } from '../protocol/ids.js'
import { CONTRACT, VERSION } from '../protocol/version.js'
import { createBroker } from '../worker/broker.js'
import { openMemoryStore } from '../worker/storage/memory-store.js'
import { createMemoryLocks } from './memory-locks.js'
import { createScriptedServer } from './scripted-server.js'
import { createVirtualClock, settled } from './virtual-clock.js'

it('[P1][F8][G68] where there is no BroadcastChannel a worker waits until the other has no tab', async () => {
  const clock = createVirtualClock()
  const server = createScriptedServer(settled)
  const locks = createMemoryLocks()
  const open = (instance: string, release: number) =>
    createBroker({
      clock,
      random: () => 0.5,
      openSocket: server.openSocket,
      openStore: openMemoryStore,
      locks: locks.agent(),
      openBus: null,
      newId: () => instance,
      host: 'shared-worker',
      version: { ...VERSION, release },
    })
  const attach = async (broker: ReturnType<typeof open>, tab: string) => {
    const page = locks.agent()
    await page.hold(`partyline:["wss://app.example/line"]:tab:${tab}`)
    const desk = broker.accept({ take: async () => {}, token: async () => undefined }, () => {})
    void desk.hello({
      contract: CONTRACT,
      tab: tab as TabId,
      line: { url: 'wss://app.example/line' },
      subscriptions: [],
      consumptions: [],
      isVisible: true,
      listening: [],
      presence: [],
    })
    await settled()
    return page
  }
  const [older, later] = [open('older', 1_000), open('later', 2_000)]
  const page = await attach(older, 't1')
  await server.latest.welcome()
  await attach(later, 't2')
  await clock.advance(10_000)
  expect(server.mostOpen).toBe(1)
  const { length } = server.connections
  page.kill()
  await clock.advance(9_000)
  expect(server.connections).toHaveLength(length)
  await clock.advance(2_000)
  expect(server.connections).toHaveLength(length + 1)
  expect(server.mostOpen).toBe(1)
  await Promise.all([older.close(), later.close()])
})

import { expect, it } from 'vitest'
import type { TabId } from '../protocol/ids.js'
import type { HelloReply } from '../protocol/port.js'
import { CONTRACT, VERSION } from '../protocol/version.js'
import { createBroker } from '../worker/broker.js'
import { openMemoryStore } from '../worker/storage/memory-store.js'
import { createMemoryLocks } from './memory-locks.js'
import { createScriptedServer } from './scripted-server.js'
import { createVirtualClock, settled } from './virtual-clock.js'

it('[P1][P12][S85][S116] a broker shows its life before it answers, or asks for the line', async () => {
  const server = createScriptedServer(settled)
  const locks = createMemoryLocks()
  const agent = locks.agent()
  let show = (): void => {}
  const browserIsBusy = new Promise<void>((resolve) => {
    show = resolve
  })
  const broker = createBroker({
    clock: createVirtualClock(),
    random: () => 0.5,
    openSocket: server.openSocket,
    openStore: openMemoryStore,
    locks: {
      ...agent,
      async hold(name, onLost) {
        if (name.includes(':life:')) await browserIsBusy
        return agent.hold(name, onLost)
      },
    },
    openBus: null,
    newId: () => 'i1',
    host: 'shared-worker',
    version: VERSION,
  })
  const tab = 't1' as TabId
  const line = { url: 'wss://app.example/line' }
  await locks.agent().hold('partyline:["wss://app.example/line"]:tab:t1')
  const replies: HelloReply[] = []
  const desk = broker.accept({ take: async () => {}, token: async () => undefined }, () => {})
  const hello = {
    contract: CONTRACT,
    tab,
    line,
    subscriptions: [],
    consumptions: [],
    isVisible: true,
    listening: [],
    presence: [],
  }
  void desk.hello(hello).then((reply) => replies.push(reply))
  await settled()
  expect([replies.length, server.connections.length]).toEqual([0, 0])
  show()
  await settled()
  const life = 'partyline:["wss://app.example/line"]:life:0:i1'
  expect(replies).toEqual([{ ok: true, instance: 'i1', life }])
  expect(locks.isHeld(life)).toBe(true)
  expect(server.connections).toHaveLength(1)
  await broker.close()
  await settled()
  expect(locks.held().filter((name) => name.includes('i1'))).toEqual([])
})

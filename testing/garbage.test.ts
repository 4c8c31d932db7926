import { expect, it } from 'vitest'
import type { ClientId, Key, TabId } from '../protocol/ids.js'
import type { News, Outcome } from '../protocol/port.js'
import { CONTRACT, VERSION } from '../protocol/version.js'
import { DOWN_EXAMPLES } from '../protocol/wire/examples.js'
import { garbage } from '../protocol/wire/garbage.js'
import { createBroker } from '../worker/broker.js'
import { openMemoryStore } from '../worker/storage/memory-store.js'
import { createScriptedServer } from './scripted-server.js'
import { createVirtualClock, settled } from './virtual-clock.js'

const MESSAGES = 10_000
const SEED = 20_261_120
const MODELS = DOWN_EXAMPLES.map((frame) => [frame])

it(`[F46] ${MESSAGES} generated messages from the server neither stop a broker nor cost it anything`, async () => {
  const clock = createVirtualClock()
  const server = createScriptedServer(settled)
  let ids = 0
  const newId = (): string => `id${++ids}`
  const store = await openMemoryStore({
    line: 'line',
    durability: 'strict',
    newClient: () => newId() as ClientId,
  })
  const broker = createBroker({
    clock,
    random: () => 0.5,
    openSocket: server.openSocket,
    openStore: async () => ({ ...store, kind: 'disk' }),
    locks: null,
    openBus: null,
    host: 'shared-worker',
    version: VERSION,
    newId,
  })
  const news: News[] = []
  const page = {
    take: async (parcel: { news: readonly News[] }) => void news.push(...parcel.news),
    token: async () => undefined,
  }
  const desk = broker.accept(page, () => {})
  void desk.hello({
    contract: CONTRACT,
    tab: 't' as TabId,
    line: { url: 'wss://app.example/line' },
    subscriptions: [{ id: 1, channel: 'news', from: 'now' }],
    consumptions: [{ id: 2, channel: 'news', name: 'mine', maxAttempts: 2, timeout: 1_000 }],
    isVisible: true,
    listening: ['board/7'],
    presence: [['board/7', { watch: true, state: '1' }]],
  })
  await settled()
  const keys = ['k1', 'k2', 'k3']
  for (const key of keys) {
    const stored = desk.send({ key: key as Key, lane: 'mine', type: 'note', payload: '1' })
    expect(await stored).toBeUndefined()
  }

  const outcomes = (): Outcome[] =>
    news.flatMap((piece) => (piece.kind === 'outcomes' ? piece.outcomes : []))
  const isOnline = (): boolean => server.open === 1 && server.latest.bodies('hello').length === 1
  /** Comes back as a broker does: by its own timers, or because somebody asks. */
  async function comeBack(): Promise<void> {
    for (let i = 0; i < 5 && !isOnline(); i++) {
      desk.reconnect()
      await settled()
      await server.latest.welcome()
    }
    expect(isOnline()).toBe(true)
  }

  let closes = 0
  for (const message of garbage(MODELS, MESSAGES, SEED)) {
    if (!isOnline()) {
      closes += 1
      await comeBack()
    }
    await server.latest.sayRaw(message)
  }
  if (!isOnline()) await comeBack()

  // Whatever was believed of all this, nothing may be gone: settle what is left, honestly.
  desk.reconnect()
  await settled()
  await server.latest.welcome()
  for (const { lane, epoch, seq } of server.latest.bodies('op')) {
    await server.latest.say(['ack', { lane, epoch, seq }])
  }
  await clock.advance(60_000)
  expect(new Set(outcomes().map(({ key }) => key))).toEqual(new Set(keys))
  expect(outcomes()).toHaveLength(keys.length)
  expect(closes).toBeGreaterThan(MESSAGES / 10)
  void broker.close()
}, 60_000)

/**
 * Owns a broker with tabs that are nothing but a port: what is said over it is the contract and no page
 * client, so that the broker's side of it is proved by itself. Real MessagePorts and Comlink, a virtual
 * clock, a lock manager with queues, and a server that says what it is told to.
 */
import { expose, type Remote, wrap } from 'comlink'
import type { TabId } from '../protocol/ids.js'
import { lineName, tabLockName } from '../protocol/line-name.js'
import type {
  BrokerSurface,
  Hello,
  HelloReply,
  NewRequest,
  News,
  RequestReply,
  TabSurface,
} from '../protocol/port.js'
import { CONTRACT, VERSION } from '../protocol/version.js'
import type { DownBody } from '../protocol/wire/frames-down.js'
import { createBroker } from '../worker/broker.js'
import { openMemoryStore } from '../worker/storage/memory-store.js'
import { portsQuiet } from './house.js'
import { createMemoryLocks } from './memory-locks.js'
import { createScriptedServer, FEATURES } from './scripted-server.js'
import { createVirtualClock } from './virtual-clock.js'

const URL = 'wss://app.example/line'

export function createPorts() {
  const clock = createVirtualClock()
  const locks = createMemoryLocks()
  const server = createScriptedServer(portsQuiet)
  let ids = 0
  const broker = createBroker({
    clock,
    random: () => 0.5,
    openSocket: server.openSocket,
    openStore: async (request) => ({ ...(await openMemoryStore(request)), kind: 'disk' }),
    locks: locks.agent(),
    openBus: null,
    host: 'shared-worker',
    version: VERSION,
    newId: () => `id${++ids}`,
  })

  async function openTab(hello: Partial<Hello> = {}) {
    const tab = `t${++ids}` as TabId
    const agent = locks.agent()
    await agent.hold(tabLockName(lineName({ url: URL }), tab))
    const { port1, port2 } = new MessageChannel()
    const news: News[] = []
    const page: TabSurface = {
      take: (parcel) => void news.push(...parcel.news),
      token: async () => undefined,
    }
    expose(page, port1)
    const remote = wrap<TabSurface>(port2)
    const desk = broker.accept(
      {
        take: async (parcel) => remote.take(parcel),
        token: async () => remote.token(),
      },
      () => port2.close(),
    )
    expose(desk, port2)
    const line: Remote<BrokerSurface> = wrap<BrokerSurface>(port1)
    const greet = (more: Partial<Hello> = {}): Promise<HelloReply> =>
      line.hello({
        contract: CONTRACT,
        tab,
        line: { url: URL },
        subscriptions: [],
        consumptions: [],
        isVisible: true,
        listening: [],
        presence: [],
        ...hello,
        ...more,
      })
    const greeting = greet()
    await portsQuiet()
    await greeting
    let requests = 0
    return {
      line,
      greet,
      /** What it was told of that kind, oldest first. */
      told: <Kind extends News['kind']>(kind: Kind) =>
        news.filter((one): one is Extract<News, { kind: Kind }> => one.kind === kind),
      request(request: Partial<NewRequest> = {}) {
        const id = ++requests
        const own: { readonly id: number; reply?: RequestReply } = { id }
        void line
          .request(id, { type: 'task.list', timeout: 5_000, ...request })
          .then((reply) => Object.assign(own, { reply }))
        return own
      },
      /** Without a goodbye. */
      kill() {
        port1.close()
        agent.kill()
      },
    }
  }

  return {
    clock,
    server,
    broker,
    openTab,
    quiet: portsQuiet,
    async advance(ms: number) {
      await clock.advance(ms)
      await portsQuiet()
    },
    /** The server takes the socket that waits, with all that it can, or with less. */
    async welcome(more: Partial<DownBody<'welcome'>> = {}) {
      await server.latest.welcome({ features: FEATURES, member: 'me', ...more })
      await portsQuiet()
    },
    close: () => broker.close(),
  }
}

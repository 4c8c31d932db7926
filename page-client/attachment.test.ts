/** A tab's tie to its broker, over a real port, with a worker that does what the test says. */
import { expose, wrap } from 'comlink'
import { afterEach, describe, expect, it } from 'vitest'
import { hubName } from '../protocol/hub.js'
import type { InstanceId } from '../protocol/ids.js'
import { lifeLockName } from '../protocol/lives.js'
import type { BrokerSurface, HelloReply, TabSurface } from '../protocol/port.js'
import { createMemoryBuses } from '../testing/memory-bus.js'
import { createVirtualClock, settled } from '../testing/virtual-clock.js'
import { createAttachment } from './attachment.js'
import type { RemoteBroker } from './remote-broker.js'

const ports: MessagePort[] = []
afterEach(() => {
  for (const port of ports.splice(0)) port.close()
})

/** Ports deliver in macrotasks; a channel of our own tells when theirs are empty. */
async function quiet(): Promise<void> {
  for (let i = 0; i < 6; i++) {
    const { port1, port2 } = new MessageChannel()
    await new Promise<void>((resolve) => {
      port2.onmessage = () => resolve()
      port1.postMessage(0)
    })
    port1.close()
    port2.close()
    await settled()
  }
}

/** Nothing is heard of anybody for so many seconds. */
async function silence(clock: ReturnType<typeof createVirtualClock>, seconds: number) {
  for (let second = 0; second < seconds; second++) {
    await clock.advance(1_000)
    await quiet()
  }
}

const never = (): Promise<never> => new Promise(() => {})

/** Workers that answer the hello and nothing else. */
async function setUp() {
  const clock = createVirtualClock()
  const names: string[] = []
  const openedAt: number[] = []
  const held = new Map<string, string>()
  const pages: TabSurface[] = []
  const watched: { readonly name: string; free(): void }[] = []
  const errors: string[] = []
  const { open: openBroadcast } = createMemoryBuses()
  const hub = openBroadcast(hubName('line'), () => {})
  const state = {
    ping: never as () => Promise<unknown>,
    greets: undefined as Promise<void> | undefined,
    /** Whether a worker gets as far as to show its life. */
    isShown: true,
    mayAttach: true,
  }
  const attachment = createAttachment({
    environment: {
      ...clock,
      version: { contract: 1, release: 0 },
      random: () => 0.5,
      openBroadcast,
      holdLock: null,
      heldLocks: async () => held,
      whenLockFree(name, free) {
        const own = { name, free }
        watched.push(own)
        return () => void watched.splice(watched.indexOf(own), 1)
      },
    },
    lineName: 'line',
    workerUrl: 'worker.js',
    mayAttach: () => state.mayAttach,
    isShared: () => true,
    openWorker(name) {
      const { port1, port2 } = new MessageChannel()
      ports.push(port1, port2)
      const instance = `i${names.push(name)}` as InstanceId
      openedAt.push(clock.now())
      const generation = Number(name.split('#')[1] ?? 0)
      const life = lifeLockName('line', { generation, isSpare: false, instance })
      if (state.isShown) held.set(life, instance)
      pages.push(wrap<TabSurface>(port2) as unknown as TabSurface)
      const hello = async (): Promise<HelloReply> => {
        await state.greets
        return { ok: true, instance, life: instance }
      }
      const surface = new Proxy({} as BrokerSurface, {
        get: (_, name) => (name === 'hello' ? hello : name === 'ping' ? state.ping : never),
      })
      expose(surface, port2)
      return { port: port1, addEventListener() {} }
    },
    fallBack: () => false,
    outdates: () => false,
    fate: () => undefined,
    hello: () => ({
      line: { url: 'wss://a' },
      subscriptions: [],
      consumptions: [],
      isVisible: true,
      listening: [],
      presence: [],
    }),
    take: () => undefined,
    token: async () => undefined,
    onAttached() {},
    onAnswered() {},
    onAlone() {},
    onFailed: ({ code }) => errors.push(code),
  })
  attachment.attach()
  await quiet()
  const broker = (): RemoteBroker => {
    if (!attachment.broker) throw new Error('not attached')
    return attachment.broker
  }
  const here = (): void => hub.post({ kind: 'here', host: 'h' })
  /** The broker is gone, and its life with it. */
  async function die(): Promise<void> {
    held.clear()
    watched.at(-1)?.free()
    await quiet()
  }
  return { clock, state, names, openedAt, pages, watched, errors, attachment, broker, die, here }
}

type World = Awaited<ReturnType<typeof setUp>>

/** What may become of a broker while a call waits for its answer. */
const FATES: Readonly<Record<string, (world: World) => unknown>> = {
  'is killed': ({ watched }) => watched[0]?.free(),
  hangs: ({ clock }) => silence(clock, 6),
  'is replaced behind the port': ({ pages }) =>
    void pages[0]?.take({ instance: 'another' as InstanceId, news: [] }),
  'is left': ({ attachment }) => attachment.detach(),
}

/** All of them: one that is missing here does not compile. */
const CALLS: { readonly [Name in keyof BrokerSurface]: Parameters<BrokerSurface[Name]> } = {
  hello: [{} as never],
  goodbye: [],
  ping: [],
  send: [{} as never],
  subscribe: [{} as never],
  unsubscribe: [1],
  hush: [1],
  consume: [{} as never],
  stopConsuming: [1],
  handled: [1, 1, 'e' as never],
  unpark: ['k'],
  discardParked: ['k'],
  visible: [true],
  request: [1, {} as never],
  cancel: [1],
  signal: ['c', '1'],
  listen: ['c', true],
  presence: ['c', undefined],
  retry: ['k' as never],
  discard: ['k' as never],
  retryAll: [],
  signOut: ['keep'],
  reconnect: [],
  pause: [],
  resume: [],
  suspect: ['online'],
}

describe('an attempt', () => {
  it('[P13] asks again whether it may before it says hello: a page may stand still while it looks', async () => {
    const { attachment, state, names } = await setUp()
    expect(names).toHaveLength(1)
    attachment.attach()
    state.mayAttach = false
    await quiet()
    expect(names).toHaveLength(1)
    expect(attachment.broker).toBeUndefined()
  })
})

describe('every call', () => {
  for (const [fate, befall] of Object.entries(FATES)) {
    it(`[P12][F1][F2][F15] is settled when its broker ${fate}`, async () => {
      const world = await setUp()
      const broker = world.broker()
      const call = ([name, given]: [string, unknown[]]) =>
        (broker[name as keyof RemoteBroker] as (...given: unknown[]) => Promise<unknown>)(...given)
      const fates = Object.entries(CALLS)
        .filter(([name]) => name !== 'hello')
        .map((one) => call(one as [string, unknown[]]).catch((reason: unknown) => reason))
      await befall(world)
      await quiet()
      for (const reason of await Promise.all(fates)) {
        expect(reason).toMatchObject({ code: 'interrupted', retryable: true })
      }
      expect(await broker.retryAll().catch((reason: unknown) => reason)).toMatchObject({
        code: 'interrupted',
      })
    })
  }
})

describe('the tie of a tab', () => {
  it('[P12][F1][S85][S97] is made anew as soon as the life of its broker is free', async () => {
    const { names, watched } = await setUp()
    expect(watched).toMatchObject([{ name: 'i1' }])
    watched[0]?.free()
    await quiet()
    expect(names).toEqual(['line@1.0', 'line@1.0'])
    expect(watched).toMatchObject([{ name: 'i2' }])
  })

  it('[P12][F1][S101] is made anew when the worker was restarted behind the port, and answers', async () => {
    const { clock, state, names, broker } = await setUp()
    state.ping = async () => 'another'
    void broker().retryAll()
    for (let second = 0; second < 3; second++) {
      await clock.advance(1_000)
      await quiet()
    }
    expect(names).toEqual(['line@1.0', 'line@1.0'])
  })

  it('[P12] takes no answer from a broker that has sent it away before', async () => {
    const { state, attachment, names, pages } = await setUp()
    let greet = (): void => {}
    state.greets = new Promise<void>((resolve) => {
      greet = resolve
    })
    attachment.attach()
    await quiet()
    // Of the instance that this broker has become meanwhile.
    void pages[1]?.take({ instance: 'next' as InstanceId, news: [] })
    await quiet()
    state.greets = never()
    greet()
    await quiet()
    expect(names).toHaveLength(3)
    expect(attachment.isAnswered).toBe(false)
  })

  it('[P9][P12][F1] is made anew when others are served, and its own hello is not answered', async () => {
    const { state, attachment, names, clock, here } = await setUp()
    const reached = names.length
    state.greets = never()
    attachment.attach()
    await quiet()
    here()
    await clock.advance(24)
    await quiet()
    expect(names).toHaveLength(reached + 1)
    state.greets = undefined
    await clock.advance(1)
    await quiet()
    expect(names).toHaveLength(reached + 2)
    expect(attachment.isAnswered).toBe(true)
  })

  it('[P12] is not made anew for a word that others are served, once it stands', async () => {
    const { state, attachment, names, clock, here } = await setUp()
    here()
    await clock.advance(10_000)
    expect(names).toHaveLength(1)
    // The word and the answer may come in either order.
    let greet = (): void => {}
    state.greets = new Promise<void>((resolve) => {
      greet = resolve
    })
    attachment.attach()
    await quiet()
    here()
    await clock.advance(24)
    greet()
    await quiet()
    await clock.advance(10_000)
    await quiet()
    expect(names).toHaveLength(2)
    expect(clock.pending).toBe(0)
  })

  it("[P12][F45] takes its own sleep for nobody else's silence", async () => {
    const { state, attachment, names, clock } = await setUp()
    state.greets = never()
    attachment.attach()
    await quiet()
    clock.leap(600_000)
    await clock.advance(0)
    await quiet()
    expect(names).toEqual(['line@1.0', 'line@1.0', 'line@1.0'])
  })

  it('[P12][F14] waits for no life in the back/forward cache', async () => {
    const { attachment, watched, clock } = await setUp()
    attachment.detach()
    expect(watched).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it('[P12][F2][S102] goes to a worker of another name, and is slower to accuse that one', async () => {
    const { names, broker, clock } = await setUp()
    const seconds = (count: number) => silence(clock, count)
    void broker().retryAll()
    await seconds(4)
    expect(names).toEqual(['line@1.0'])
    await seconds(1)
    expect(names).toEqual(['line@1.0', 'line@1.0#1'])
    void broker().retryAll()
    await seconds(7)
    expect(names).toEqual(['line@1.0', 'line@1.0#1'])
    await seconds(1)
    expect(names).toEqual(['line@1.0', 'line@1.0#1', 'line@1.0#2'])
  })

  it('[P12][F2][S170] is as quick to accuse as at first, when a worker has served for five minutes', async () => {
    const { names, broker, clock, pages } = await setUp()
    void broker().retryAll()
    await silence(clock, 5)
    await clock.advance(300_000)
    void pages[1]?.take({ instance: 'i2' as InstanceId, news: [] })
    await quiet()
    void broker().retryAll()
    await silence(clock, 5)
    expect(names).toEqual(['line@1.0', 'line@1.0#1', 'line@1.0#2'])
  })
})

describe('how long a tab waits', () => {
  const STEP_MS = 62.5

  async function pass({ clock }: World, ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      await clock.advance(STEP_MS)
      await quiet()
    }
  }

  /** Workers are lost from now on: when they are asked for, and by which name. */
  async function losing(world: World, forMs: number): Promise<string[]> {
    const { clock, names, openedAt, state, attachment } = world
    const [began, known] = [clock.now(), names.length]
    Object.assign(state, { greets: never(), isShown: false })
    await world.die()
    if (names.length === known) attachment.attach()
    await pass(world, forMs)
    return names.slice(known).map((name, i) => `${(openedAt[known + i] ?? 0) - began} ${name}`)
  }

  it('[P12][F1][S99][S100][G97] for the first answer, until it takes the next name', async () => {
    const world = await setUp()
    world.attachment.detach()
    expect(await losing(world, 14_900)).toEqual([
      '0 line@1.0',
      '1000 line@1.0',
      '3000 line@1.0',
      '7000 line@1.0',
    ])
    expect(world.errors).toEqual([])
    await pass(world, 1_100)
    expect(world.errors).toEqual(['worker-silent'])
    expect(world.names.slice(-2)).toEqual(['line@1.0#1', 'line@1.0#1'])
  })

  it('[P12][F1][S98][S100][G43] after a death, because connects are lost then', async () => {
    expect(await losing(await setUp(), 2_000)).toEqual([
      '0 line@1.0',
      '125 line@1.0',
      '375 line@1.0',
      '875 line@1.0',
      '1875 line@1.0#1',
    ])
  })

  it('[P12][S109] for a worker that dies again and again', async () => {
    const world = await setUp()
    const waits: number[] = []
    for (let deaths = 0; deaths < 11; deaths++) {
      const [died, known] = [world.clock.now(), world.names.length]
      await world.die()
      while (world.names.length === known) await pass(world, STEP_MS)
      waits.push((world.openedAt[known] ?? 0) - died)
    }
    // A chance of one half: three quarters of the ceiling.
    expect(waits).toEqual([0, 0, 0, 187.5, 375, 750, 1_500, 3_000, 6_000, 7_500, 7_500])
  })
})

import { describe, expect, it } from 'vitest'
import type { ClientId, Key, TabId } from '../protocol/ids.js'
import { lineLockName, lineName, tabLockName } from '../protocol/line-name.js'
import { CONTRACT, VERSION } from '../protocol/version.js'
import { createMemoryBuses } from '../testing/memory-bus.js'
import { createMemoryLocks } from '../testing/memory-locks.js'
import { createScriptedServer, WELCOME } from '../testing/scripted-server.js'
import { createVirtualClock, settled } from '../testing/virtual-clock.js'
import { type Broker, createBroker } from './broker.js'
import { createDrain, type DrainOptions } from './drain.js'
import { createMemoryDisk, openMemoryStore } from './storage/memory-store.js'
import type { OpenStore } from './storage/store.js'

const address = { url: 'wss://app.example/line', identity: 'ann' }
const line = lineName(address)
const lock = lineLockName(line)
const LIMIT_MS = 25_000

function createWorld(more: Partial<DrainOptions> = {}) {
  const clock = createVirtualClock()
  const locks = createMemoryLocks()
  const buses = createMemoryBuses()
  const server = createScriptedServer(settled)
  const disk = createMemoryDisk()
  const story: string[] = []
  const state = { isBroken: false, diskMs: 0, opened: 0 }
  let ids = 0
  const newId = (): string => `id${++ids}`

  const openStore: OpenStore = async (request) => {
    state.opened += 1
    if (state.isBroken) throw new Error('no disk today')
    const store = await openMemoryStore(request, disk)
    return {
      ...store,
      kind: 'disk',
      async commit(changes) {
        if (state.diskMs) await new Promise<void>((resolve) => clock.after(state.diskMs, resolve))
        if (state.isBroken) throw new Error('broken')
        await store.commit(changes)
        story.push('written')
      },
      close() {
        story.push(`disk closed, ${server.open} sockets, lock ${isHeld()}`)
        store.close()
      },
    }
  }
  const isHeld = (): string => (locks.isHeld(lock) ? 'held' : 'free')
  const worker = locks.agent()
  const guest = locks.agent()
  const common = {
    clock,
    random: () => 0.5,
    openSocket: server.openSocket,
    openStore,
    openBus: buses.open,
    newId,
  }
  const drain = createDrain({
    ...common,
    locks: guest,
    hasQueued: async () => [...disk.operations.values()].some(({ failed }) => !failed),
    limitMs: LIMIT_MS,
    ...more,
  })

  return {
    clock,
    server,
    disk,
    story,
    state,
    worker,
    isHeld,
    queue(...payloads: number[]) {
      for (const payload of payloads) {
        const [key, n] = [`k${payload}` as Key, disk.operations.size + 1]
        const operation = { key, n, lane: 'notes', type: 'note', createdAt: 1 }
        disk.operations.set(key, { ...operation, payload: String(payload) })
      }
    },
    /** A sync fires. The box is empty until the drain has ended. */
    async sync(): Promise<{ ending?: string }> {
      const box: { ending?: string } = {}
      const end = (ending: string): void => {
        box.ending = ending
        story.push(ending)
      }
      drain(address).then(end, (error: Error) => end(error.message))
      await settled()
      return box
    },
    /** A SharedWorker starts, because a page has opened. */
    async openPage(): Promise<{ broker: Broker; close(): Promise<void> }> {
      const broker = createBroker({
        ...common,
        locks: worker,
        host: 'shared-worker',
        version: VERSION,
      })
      const page = { take: async () => {}, token: async () => undefined }
      const desk = broker.accept(page, () => {})
      const tab = newId() as TabId
      await locks.agent().hold(tabLockName(line, tab))
      void desk.hello({
        contract: CONTRACT,
        tab,
        line: address,
        subscriptions: [],
        consumptions: [],
        isVisible: false,
        listening: [],
        presence: [],
      })
      await settled()
      return {
        broker,
        async close() {
          desk.goodbye()
          await settled()
        },
      }
    },
    sent: () => server.connections.map((one) => one.bodies('op').map(({ payload }) => payload)),
    /** The server settles everything up to this number. */
    async ack(seq: number) {
      const op = server.latest.bodies('op').find((one) => one.seq === seq)
      if (!op) throw new Error(`number ${seq} was not sent`)
      await server.latest.say(['ack', { lane: op.lane, epoch: op.epoch, seq }])
    },
  }
}

describe('a drain', () => {
  it('[P2] sends what is queued, in order, and is done when the server has it', async () => {
    const world = createWorld()
    world.queue(1, 2, 3)
    const sync = await world.sync()
    await world.server.latest.welcome()
    expect(world.sent()).toEqual([['1', '2', '3']])
    await world.ack(2)
    expect(sync.ending).toBeUndefined()
    await world.ack(3)
    expect(sync.ending).toBe('empty')
    expect(world.disk.operations.size).toBe(0)
  })

  it('[P1] [P2] leaves in order: socket, what is being written, disk, lock', async () => {
    const world = createWorld()
    world.queue(1)
    await world.sync()
    await world.server.latest.welcome()
    world.state.diskMs = 100
    await world.ack(1)
    expect(world.server.open).toBe(0)
    expect(world.isHeld()).toBe('held')
    await world.clock.advance(100)
    expect(world.story).toEqual([
      'written',
      'written',
      'disk closed, 0 sockets, lock held',
      'empty',
    ])
    expect(world.isHeld()).toBe('free')
    expect(world.clock.pending).toBe(0)
  })

  it('[P13] is the same author as the broker, on the line of the same identity', async () => {
    const world = createWorld()
    world.disk.client = 'the author' as ClientId
    world.queue(1)
    await world.sync()
    await world.server.latest.welcome()
    expect(world.server.latest.url).toBe(address.url)
    expect(world.server.latest.bodies('hello')).toMatchObject([
      { client: 'the author', channels: [] },
    ])
    expect(world.server.latest.bodies('op')).toMatchObject([{ key: 'k1', lane: 'notes' }])
  })

  it('touches nothing when nothing is queued', async () => {
    const world = createWorld()
    expect((await world.sync()).ending).toBe('empty')
    expect(world.server.connections).toEqual([])
    expect(world.state.opened).toBe(0)
    expect(world.disk.incarnation).toBe(0)
  })

  it('[F20] is one, however many syncs fire', async () => {
    const world = createWorld()
    world.queue(1, 2)
    const syncs = [await world.sync(), await world.sync(), await world.sync()]
    await world.server.latest.welcome()
    await world.ack(2)
    expect(syncs.map(({ ending }) => ending)).toEqual(['empty', 'empty', 'empty'])
    expect(world.sent()).toEqual([['1', '2']])
    world.queue(3)
    await world.sync()
    await world.server.latest.welcome()
    expect(world.sent()).toEqual([['1', '2'], ['3']])
  })

  it('[P5] is done with what the server refuses, and leaves it to be seen', async () => {
    const world = createWorld()
    world.queue(1)
    const sync = await world.sync()
    await world.server.latest.welcome()
    const [{ lane, epoch, seq }] = world.server.latest.bodies('op') as [never]
    await world.server.latest.say(['nack', { lane, epoch, seq, verdict: 'drop', code: 'no' }])
    expect(sync.ending).toBe('empty')
    expect([...world.disk.operations.values()]).toMatchObject([{ key: 'k1', failed: {} }])
    expect((await world.sync()).ending).toBe('empty')
    expect(world.server.connections).toHaveLength(1)
  })

  it('[P2] does not judge by the limits of pages what is queued already', async () => {
    const world = createWorld()
    world.queue(1)
    const [operation] = world.disk.operations.values()
    if (!operation) throw new Error('nothing queued')
    const payload = JSON.stringify('x'.repeat(17 * 1024 * 1024))
    world.disk.operations.set(operation.key, { ...operation, payload })
    await world.sync()
    const limits = { ...WELCOME.limits, payload: 2 ** 25, message: 2 ** 25 }
    await world.server.latest.welcome({ limits })
    expect(world.sent()).toEqual([[payload]])
  })
})

describe('a drain and a SharedWorker', () => {
  it('[P1] opens no socket while the worker has the line, and is done when the worker is', async () => {
    const world = createWorld()
    world.queue(1, 2)
    await world.openPage()
    await world.server.latest.welcome()
    const sync = await world.sync()
    await world.clock.advance(10_000)
    expect(sync.ending).toBeUndefined()
    await world.ack(2)
    await world.clock.advance(2_000)
    expect(sync.ending).toBe('empty')
    expect(world.server.connections).toHaveLength(1)
    expect(world.sent()).toEqual([['1', '2']])
  })

  it('[P1] has nothing to do when the worker has gone after its work', async () => {
    const world = createWorld()
    world.queue(1)
    const { close } = await world.openPage()
    await world.server.latest.welcome()
    await close()
    await world.clock.advance(9_000)
    const sync = await world.sync()
    await world.ack(1)
    await world.clock.advance(1_000)
    expect(sync.ending).toBe('empty')
    expect(world.isHeld()).toBe('free')
    expect(world.server.connections).toHaveLength(1)
  })

  it('[P1] gives up waiting for a worker that does not get rid of its queue either', async () => {
    const world = createWorld()
    world.queue(1)
    const { close } = await world.openPage()
    await world.server.latest.welcome()
    const sync = await world.sync()
    await world.clock.advance(LIMIT_MS - 1)
    expect(sync.ending).toBeUndefined()
    await world.clock.advance(1)
    expect(sync.ending).toBe('held')
    // What it asked for comes too late, and is given back at once.
    await world.ack(1)
    await close()
    await world.clock.advance(20_000)
    expect(world.isHeld()).toBe('free')
    expect(world.server.connections).toHaveLength(1)
  })

  it('[P2] [P12] takes over when the worker dies', async () => {
    const world = createWorld()
    world.queue(1, 2)
    const { broker } = await world.openPage()
    await world.server.latest.welcome()
    const sync = await world.sync()
    await world.server.latest.cut()
    world.worker.kill()
    void broker.close()
    await settled()
    await world.server.latest.welcome()
    await world.ack(2)
    expect(sync.ending).toBe('empty')
    expect(world.sent()).toEqual([
      ['1', '2'],
      ['1', '2'],
    ])
    const [first, second] = world.server.connections.map((one) => one.bodies('op'))
    expect(second).toEqual(first)
  })

  it('[P1] [P3] gives the line at once to a page that opens, and nothing is sent anew', async () => {
    const world = createWorld()
    world.queue(1, 2, 3)
    const sync = await world.sync()
    const guest = world.server.latest
    await guest.welcome()
    await world.ack(1)
    await world.openPage()
    expect(sync.ending).toBe('yielded')
    expect(guest.closedByClient).toBe(1000)
    expect(world.server.connections).toHaveLength(2)
    expect(world.server.open).toBe(1)
    await world.server.latest.welcome()
    const [, second, third] = guest.bodies('op')
    expect(world.server.latest.bodies('op')).toEqual([second, third])
    await world.ack(3)
    expect(world.disk.operations.size).toBe(0)
  })

  it('[P1] [F10] stops when its lock is taken from it', async () => {
    const world = createWorld()
    world.queue(1)
    const sync = await world.sync()
    await world.server.latest.welcome()
    await world.worker.steal(lineLockName(line))
    await settled()
    expect(sync.ending).toBe('yielded')
    expect(world.server.open).toBe(0)
  })

  it('[P1] lets a page that opened while it waited go first', async () => {
    const world = createWorld()
    world.queue(1)
    const release = await world.worker.hold(lock)
    const sync = await world.sync()
    await world.openPage()
    release()
    await settled()
    await world.server.latest.welcome()
    await world.ack(1)
    await world.clock.advance(2_000)
    expect(sync.ending).toBe('empty')
    expect(world.server.connections).toHaveLength(1)
    expect(world.sent()).toEqual([['1']])
  })

  it('[P1] does nothing in a browser without locks', async () => {
    const world = createWorld({ locks: null })
    world.queue(1)
    expect((await world.sync()).ending).toBe('held')
    expect(world.server.connections).toEqual([])
  })
})

describe('a drain that cannot finish', () => {
  it('[P2] connects again after a cut, and sends only what is not settled', async () => {
    const world = createWorld()
    world.queue(1, 2, 3)
    const sync = await world.sync()
    await world.server.latest.welcome()
    await world.ack(1)
    await world.server.latest.cut()
    await world.clock.advance(1_000)
    await world.server.latest.welcome()
    expect(world.sent()).toEqual([
      ['1', '2', '3'],
      ['2', '3'],
    ])
    await world.ack(3)
    expect(sync.ending).toBe('empty')
  })

  it('[P2] stops in time, and what is left stays', async () => {
    const world = createWorld()
    world.queue(1, 2, 3)
    const sync = await world.sync()
    await world.server.latest.welcome()
    await world.ack(1)
    await world.clock.advance(LIMIT_MS - 1)
    expect(sync.ending).toBeUndefined()
    await world.clock.advance(1)
    expect(sync.ending).toBe('out-of-time')
    expect([...world.disk.operations.keys()]).toEqual(['k2', 'k3'])
    expect(world.server.open).toBe(0)
    expect(world.isHeld()).toBe('free')
    expect(world.clock.pending).toBe(0)
  })

  it('[P2] stops where the network never comes back', async () => {
    const world = createWorld()
    world.queue(1)
    const sync = await world.sync()
    for (let waited = 0; waited < LIMIT_MS; waited += 500) {
      if (world.server.open) await world.server.latest.cut()
      await world.clock.advance(500)
    }
    expect(sync.ending).toBe('out-of-time')
    expect(world.disk.operations.size).toBe(1)
    expect(world.server.open).toBe(0)
  })

  it('[P2] goes when the server wants a token and there is none', async () => {
    const world = createWorld()
    world.queue(1)
    const sync = await world.sync()
    await world.server.latest.accept()
    await world.server.latest.cut(4001)
    await world.clock.advance(0)
    expect(sync.ending).toBe('unauthorized')
    expect(world.disk.operations.size).toBe(1)
    expect(world.isHeld()).toBe('free')
  })

  it('[P2] asks the app for another token when one is refused', async () => {
    const tokens = ['old', 'new']
    const asked: unknown[] = []
    const world = createWorld({
      async auth(whose) {
        asked.push(whose)
        return tokens.shift() ?? 'new'
      },
    })
    world.queue(1)
    const sync = await world.sync()
    await world.server.latest.accept()
    await world.server.latest.cut(4001)
    await world.clock.advance(0)
    await world.server.latest.welcome()
    await world.ack(1)
    expect(sync.ending).toBe('empty')
    expect(world.server.latest.bodies('hello')).toMatchObject([{ auth: 'new' }])
    expect(asked[0]).toEqual(address)
  })

  it('[P2] [P13] sends nothing without a token that the app fails to make', async () => {
    const world = createWorld({ auth: () => Promise.reject(new Error('no')) })
    world.queue(1)
    const sync = await world.sync()
    await world.server.latest.accept()
    await world.clock.advance(0)
    expect(sync.ending).toBe('unauthorized')
    expect(world.server.latest.frames).toEqual([])
    expect(world.disk.operations.size).toBe(1)
  })

  it('[P2] fetches the token where it is told to', async () => {
    const fetched: string[] = []
    const world = createWorld({
      auth: '/token',
      async fetchText(url) {
        fetched.push(url)
        return { status: 200, text: 'good\n' }
      },
    })
    world.queue(1)
    const sync = await world.sync()
    await world.server.latest.welcome()
    await world.ack(1)
    expect(sync.ending).toBe('empty')
    expect(world.server.latest.bodies('hello')).toMatchObject([{ auth: 'good' }])
    expect(fetched).toEqual(['/token'])
  })

  it('goes when the server does not want it', async () => {
    const world = createWorld()
    world.queue(1)
    const sync = await world.sync()
    await world.server.latest.accept()
    await world.server.latest.cut(4003)
    expect(sync.ending).toBe('stopped')
    expect(world.isHeld()).toBe('free')
  })

  it('[P2] does not take a disk that does not open for an empty one', async () => {
    const world = createWorld()
    world.queue(1)
    world.state.isBroken = true
    expect((await world.sync()).ending).toBe('no-disk')
    expect(world.server.connections).toEqual([])
    expect(world.isHeld()).toBe('free')
  })

  it('[P2] does not wait for ever for a look at the disk', async () => {
    const world = createWorld({ hasQueued: () => new Promise(() => {}) })
    const sync = await world.sync()
    await world.clock.advance(5_000)
    expect(sync.ending).toBe('no-disk')
  })

  it('[P2] goes when the disk breaks under it', async () => {
    const world = createWorld()
    world.queue(1)
    const sync = await world.sync()
    world.state.isBroken = true
    await world.server.latest.welcome()
    expect(sync.ending).toBe('no-disk')
    expect(world.server.open).toBe(0)
    expect(world.isHeld()).toBe('free')
  })

  it('[P1] gives everything back when it fails in the middle', async () => {
    const world = createWorld({
      random: () => {
        throw new Error('out of luck')
      },
    })
    world.queue(1)
    const sync = await world.sync()
    expect(sync.ending).toBe('out of luck')
    expect(world.story.slice(0, 1)).toEqual(['disk closed, 0 sockets, lock held'])
    expect(world.isHeld()).toBe('free')
    expect(world.clock.pending).toBe(0)
  })
})

/** What an app's own function is asked for, and what becomes of what it makes. */
import { describe, expect, it } from 'vitest'
import type { ErrorInfo } from '../../protocol/errors.js'
import type { Order } from '../../protocol/hub.js'
import type { ConnectOptions, WorkerRequest } from '../api.js'
import { openPort, type PageEnvironment } from '../environment.js'
import { createHosts } from './hosts.js'

const noop = (): void => {}
const LINE = 'partyline:["wss://app.example/line"]'
const PLACE = { accused: [], isHubTaken: false }

function setUp(given: Pick<ConnectOptions, 'worker'>, hasSharedWorker = true) {
  const warnings: ErrorInfo[] = []
  const unused = (): never => {
    throw new Error('the function was to be asked')
  }
  const environment = {
    openWorker: hasSharedWorker ? unused : null,
    openDedicated: unused,
    openPort,
    openBroadcast: null,
    queueForLock: null,
    after: () => noop,
    now: () => 0,
    wall: () => 0,
    random: () => 0.5,
  } as unknown as PageEnvironment
  const hosts = createHosts({
    environment,
    line: LINE,
    workerUrl: 'of your function',
    onMoved: noop,
    isHeard: false,
    onWarning: (error) => warnings.push(error),
    worker: given.worker,
  })
  return { hosts, warnings }
}

function dedicated() {
  const orders: Order[] = []
  const worker = {
    postMessage: (order: Order) => orders.push(order),
    addEventListener: noop,
    terminate: noop,
  } as unknown as Worker
  return { worker, orders }
}

const shared = (): SharedWorker =>
  ({ port: new MessageChannel().port1, addEventListener: noop }) as unknown as SharedWorker

describe('a function that makes the worker', () => {
  it('is told which kind is wanted, and the worker’s name', () => {
    const asked: WorkerRequest[] = []
    const made = shared()
    const { hosts } = setUp({
      worker(request) {
        asked.push(request)
        return made
      },
    })
    expect(hosts.open(`${LINE}#1`, PLACE).port).toBe(made.port)
    expect(asked).toEqual([
      {
        type: 'module',
        name: `${LINE}#1`,
        extendedLifetime: true,
        isShared: true,
      },
    ])
    made.port.close()
  })

  it('is asked for a dedicated worker where there is no SharedWorker, with no warning', () => {
    const { worker, orders } = dedicated()
    const { hosts, warnings } = setUp(
      { worker: ({ isShared }) => (isShared ? shared() : worker) },
      false,
    )
    expect(hosts.host).toBe('page')
    hosts.open(LINE, PLACE)
    expect(orders).toEqual([{ kind: 'attach' }])
    expect(warnings).toEqual([])
  })

  it('may always make a dedicated one', () => {
    const { worker, orders } = dedicated()
    const { hosts, warnings } = setUp({ worker: () => worker })
    expect(hosts.host).toBe('shared-worker')
    expect(() => hosts.open(LINE, PLACE)).toThrow('no SharedWorker')
    expect(hosts.giveUp('refused')).toBe(true)
    hosts.open(LINE, PLACE)
    expect(hosts.host).toBe('page')
    expect(orders).toEqual([{ kind: 'attach' }])
    expect(warnings).toMatchObject([{ code: 'no-shared-worker', details: { why: 'refused' } }])
  })

  it('[F6] is of no use without SharedWorker if it makes nothing else', () => {
    const made = shared()
    const { hosts } = setUp({ worker: () => made }, false)
    expect(() => hosts.open(LINE, PLACE)).toThrow('asked for a Worker')
    made.port.close()
  })
})

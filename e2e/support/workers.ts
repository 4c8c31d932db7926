/**
 * Owns the view of a browser's workers from outside, and what may befall them there: of its SharedWorkers,
 * by the debugger's own ids for them, and of the dedicated ones of its pages.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { BrowserContext, Worker } from '@playwright/test'
import type { Host } from '../../protocol/status.js'
import type { BrokerWorkers, HangsAt } from '../drivers/driver.js'
import { storageIn } from './hosts.js'

const HANG = '() => { for (;;); }'

/** A worker that runs in an endless loop keeps its transaction, so chance must not choose the place. */
const HANG_AT: Readonly<Record<HangsAt, string>> = {
  'before-a-write': `IDBDatabase.prototype.transaction = ${HANG}`,
  'in-a-write': `IDBTransaction.prototype.commit = ${HANG}`,
}

// Not in the turn of the debugger, which would wait for its end.
const HANG_NOW = `setTimeout(${HANG})`

const hangIn = (host: Host, at: HangsAt): string =>
  storageIn(host) === 'memory' ? HANG_NOW : HANG_AT[at]

const jumpBy = (ms: number): string => `{ const { now } = Date; Date.now = () => now() + ${ms} }`

export const brokerWorkers = (context: BrowserContext, host: Host): BrokerWorkers =>
  host === 'shared-worker'
    ? {
        ids: () => sharedWorkers(context),
        kill: () => killSharedWorker(context),
        hang: (at) => evaluateInSharedWorker(context, hangIn(host, at)),
        jumpWallClock: (ms) => evaluateInSharedWorker(context, jumpBy(ms)),
      }
    : dedicatedWorkers(context, host)

let lives = 0
const idOf = new WeakMap<Worker, string>()

function dedicatedWorkers(context: BrowserContext, host: Host): BrokerWorkers {
  const all = (): Worker[] => context.pages().flatMap((page) => page.workers())
  function first(): Worker {
    const [worker] = all()
    if (!worker) throw new Error('there is no worker')
    return worker
  }
  return {
    async ids() {
      return all().map((worker) => {
        const id = idOf.get(worker) ?? `${lives++}`
        idOf.set(worker, id)
        return id
      })
    },
    // The answer may die with it.
    kill: () =>
      first()
        .evaluate(() => close())
        .catch(() => {}),
    hang: (at) => first().evaluate(hangIn(host, at)),
    jumpWallClock: (ms) => first().evaluate(jumpBy(ms)),
  }
}

interface Target {
  readonly targetId: string
  readonly type: string
  readonly browserContextId?: string
}

/** The SharedWorkers of this context; an id is that of one life. */
export async function sharedWorkers(context: BrowserContext): Promise<readonly string[]> {
  const [page] = context.pages()
  if (!page) return []
  const session = await context.newCDPSession(page)
  const { targetInfo } = (await session.send('Target.getTargetInfo')) as { targetInfo: Target }
  const filter = [{ type: 'shared_worker' }]
  const { targetInfos } = (await session.send('Target.getTargets', { filter })) as {
    targetInfos: readonly Target[]
  }
  await session.detach()
  return targetInfos
    .filter(({ browserContextId }) => browserContextId === targetInfo.browserContextId)
    .map(({ targetId }) => targetId)
    .sort()
}

/** Kills one of them, if there is any; says whether it did. */
export async function killSharedWorker(context: BrowserContext): Promise<boolean> {
  const [page] = context.pages()
  const [targetId] = await sharedWorkers(context)
  if (!page || targetId === undefined) return false
  const debug = await context.newCDPSession(page)
  // It may have died by its own hand meanwhile.
  await debug.send('Target.closeTarget', { targetId }).catch(() => {})
  return true
}

/** A debugger of one of them. */
export interface WorkerDebugger {
  /** The id of its life. */
  readonly life: string
  /** Does not wait for what becomes of it. */
  tell(method: string, params?: object): Promise<void>
  /** Undefined: the worker has died, or does not answer. */
  ask(method: string, params?: object): Promise<unknown>
  close(): Promise<void>
}

interface FromWorker {
  readonly sessionId: string
  readonly message: string
}

const ANSWERS_WITHIN_MS = 10_000

/** Undefined: there is none. */
export async function debugSharedWorker(
  context: BrowserContext,
): Promise<WorkerDebugger | undefined> {
  const [page] = context.pages()
  const [life] = await sharedWorkers(context)
  if (!page || life === undefined) return undefined
  const debug = await context.newCDPSession(page)
  const { sessionId } = (await debug.send('Target.attachToTarget', {
    targetId: life,
    flatten: false,
  })) as { sessionId: string }
  let sent = 0

  async function send(method: string, params: object = {}): Promise<number> {
    const message = JSON.stringify({ id: ++sent, method, params })
    await debug.send('Target.sendMessageToTarget', { sessionId, message })
    return sent
  }

  return {
    life,
    tell: async (method, params) => void (await send(method, params)),
    async ask(method, params) {
      const id = sent + 1
      let hear = (_: FromWorker): void => {}
      const answer = new Promise<unknown>((resolve) => {
        hear = (heard) => {
          const said = JSON.parse(heard.message) as { id?: number; result?: unknown }
          if (heard.sessionId === sessionId && said.id === id) resolve(said.result)
        }
        debug.on('Target.receivedMessageFromTarget', hear)
      })
      const timer = new AbortController()
      const late = pause(ANSWERS_WITHIN_MS, undefined, { signal: timer.signal }).catch(() => {})
      try {
        await send(method, params)
        return await Promise.race([answer, late])
      } catch {
        return undefined
      } finally {
        timer.abort()
        debug.off('Target.receivedMessageFromTarget', hear)
      }
    },
    close: () => debug.detach(),
  }
}

async function evaluateInSharedWorker(context: BrowserContext, expression: string): Promise<void> {
  const worker = await debugSharedWorker(context)
  if (!worker) throw new Error('there is no SharedWorker')
  await worker.tell('Runtime.evaluate', { expression })
}

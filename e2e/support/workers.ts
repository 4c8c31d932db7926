/** Owns the view of a browser's SharedWorkers from outside, by the debugger's own ids for them. */
import type { BrowserContext } from '@playwright/test'

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

/** From now on the worker runs in an endless loop. */
export const hangSharedWorker = (context: BrowserContext): Promise<void> =>
  // Not in the turn of the debugger, which would wait for its end.
  evaluateInSharedWorker(context, 'setTimeout(() => { for (;;); })')

/** The worker's wall clock is so far ahead from now on, and its monotonic clock is not. */
export const jumpWallClock = (context: BrowserContext, ms: number): Promise<void> =>
  evaluateInSharedWorker(context, `{ const { now } = Date; Date.now = () => now() + ${ms} }`)

async function evaluateInSharedWorker(context: BrowserContext, expression: string): Promise<void> {
  const [page] = context.pages()
  const [targetId] = await sharedWorkers(context)
  if (!page || targetId === undefined) throw new Error('there is no SharedWorker')
  const debug = await context.newCDPSession(page)
  const { sessionId } = (await debug.send('Target.attachToTarget', {
    targetId,
    flatten: false,
  })) as { sessionId: string }
  const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } })
  await debug.send('Target.sendMessageToTarget', { sessionId, message })
}

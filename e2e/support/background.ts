/**
 * Owns one actor, the service worker of a browser, and what it takes to leave it alone there: no tab
 * of the site, no SharedWorker, a network that is gone or back. It is watched from a page of no
 * origin, which keeps the browser open and has nothing to do with the site.
 */
import type { BrowserContext } from '@playwright/test'
import type { Page } from '../drivers/driver.js'

/** A sync event that has ended: its tag, and what the browser was told. */
export type SyncEnd = readonly [tag: string, end: 'resolved' | string]

export interface Background {
  /** Registers the service worker from a page of the site; resolves when it is active. */
  install(page: Pick<Page, 'evaluate'>): Promise<void>
  /** The syncs that pages of the site have asked for, and that have not been fired with success. */
  tags(page: Pick<Page, 'evaluate'>): Promise<readonly string[]>
  /** Ends every SharedWorker of this browser context, and says how many there were. */
  killSharedWorkers(): Promise<number>
  /** Fires a sync now, whatever the browser thinks of the network. */
  fireSync(tag: string): Promise<void>
  /** The sync events that have ended, oldest first. */
  ended(): Promise<readonly SyncEnd[]>
}

interface Target {
  readonly targetId: string
  readonly browserContextId?: string
}

/** What a service worker script needs besides its own code, so that `ended` can tell. */
export const RECORDER = `
globalThis.ended = []
const { waitUntil } = ExtendableEvent.prototype
ExtendableEvent.prototype.waitUntil = function (promise) {
  waitUntil.call(this, promise)
  const note = (end) => void (this.tag !== undefined && ended.push([this.tag, end]))
  promise.then(() => note('resolved'), (error) => note(error.message))
}
`

export async function createBackground(
  context: BrowserContext,
  origin: string,
  script: string,
): Promise<Background> {
  const outside = await context.newPage()
  const session = await context.newCDPSession(outside)
  let registrationId: string | undefined
  session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
    const own = registrations.find(({ scopeURL }) => scopeURL === `${origin}/`)
    registrationId = own?.registrationId ?? registrationId
  })
  await session.send('ServiceWorker.enable')

  return {
    async install(page) {
      await page.evaluate(async (path) => {
        await navigator.serviceWorker.register(path, { type: 'module' })
        await navigator.serviceWorker.ready
      }, script)
    },
    tags: (page) =>
      page.evaluate(async () => {
        const registration = (await navigator.serviceWorker.ready) as SyncingRegistration
        return registration.sync.getTags()
      }),
    async killSharedWorkers() {
      const { targetInfo } = (await session.send('Target.getTargetInfo')) as { targetInfo: Target }
      const filter = [{ type: 'shared_worker' }]
      const { targetInfos } = (await session.send('Target.getTargets', { filter })) as {
        targetInfos: readonly Target[]
      }
      const { browserContextId } = targetInfo
      const own = targetInfos.filter((target) => target.browserContextId === browserContextId)
      for (const { targetId } of own) await session.send('Target.closeTarget', { targetId })
      return own.length
    },
    async fireSync(tag) {
      if (registrationId === undefined) throw new Error('no service worker yet')
      const event = { origin, registrationId, tag, lastChance: false }
      await session.send('ServiceWorker.dispatchSyncEvent', event)
    },
    async ended() {
      const [worker] = context.serviceWorkers()
      return (await worker?.evaluate(() => (globalThis as unknown as Recorder).ended)) ?? []
    },
  }
}

/** Chromium alone has it, so the library's types do not. */
type SyncingRegistration = ServiceWorkerRegistration & {
  readonly sync: { getTags(): Promise<readonly string[]> }
}

interface Recorder {
  readonly ended: readonly SyncEnd[]
}

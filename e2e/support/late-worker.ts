/**
 * Owns a SharedWorker whose script stands still where it begins, until a test lets it go. Late by its
 * own doing: a browser fetches an address for one worker after the other, so to hold the answer back
 * would hold up dedicated workers of the same address too.
 */
import type { Site } from './site.js'

const WAIT = "const gate = new XMLHttpRequest(); gate.open('GET', '/gate', false); gate.send();"

export interface LateWorker {
  readonly path: string
  arrive(): void
}

export function serveLateWorker(site: Site): LateWorker {
  const path = '/late-worker.js'
  let arrive = (): void => {}
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve
  })
  site.answer('/gate', async () => {
    await arrived
    return site.file('/tab.js')
  })
  site.answer(path, (destination) => {
    const file = { ...site.file('/worker.js'), headers: { 'cache-control': 'no-store' } }
    return destination === 'sharedworker' ? { ...file, body: WAIT + file.body } : file
  })
  return { path, arrive }
}

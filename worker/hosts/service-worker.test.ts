import { describe, expect, it } from 'vitest'
import { type LineAddress, lineName } from '../../protocol/line-name.js'
import type { Ending } from '../drain.js'
import { hostInServiceWorker } from './service-worker.js'

const address = { url: 'wss://app.example/line', identity: 'ann' }

function fire(tag: string, ending: Ending = 'empty') {
  const scope = new EventTarget()
  const drained: LineAddress[] = []
  const awaited: Promise<void>[] = []
  hostInServiceWorker(scope, async (given) => {
    drained.push(given)
    return ending
  })
  const waitUntil = (done: Promise<void>): void => void awaited.push(done)
  scope.dispatchEvent(Object.assign(new Event('sync'), { tag, waitUntil }))
  return { drained, awaited }
}

describe('a service worker', () => {
  it('[P2] drains the line that a sync names, and the browser waits for it', async () => {
    const { drained, awaited } = fire(lineName(address))
    expect(drained).toEqual([address])
    await expect(Promise.all(awaited)).resolves.toHaveLength(1)
  })

  it('[P2] has the browser try again when operations may be left', async () => {
    const { awaited } = fire(lineName(address), 'out-of-time')
    await expect(awaited[0]).rejects.toThrow('operations may be left (out-of-time)')
  })

  it('leaves the syncs of others to them', () => {
    expect(fire('photos')).toEqual({ drained: [], awaited: [] })
  })
})

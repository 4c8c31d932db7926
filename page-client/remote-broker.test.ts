import { expose } from 'comlink'
import { describe, expect, it } from 'vitest'
import { openBrokerPort } from './remote-broker.js'

function setUp() {
  const { port1, port2 } = new MessageChannel()
  expose({ retryAll: () => 3, discard: (key: string) => key === 'a' }, port2)
  return openBrokerPort(port1)
}

describe('the broker across a port', () => {
  it('answers each call by a promise', async () => {
    const { remote, close } = setUp()
    expect(await remote.retryAll()).toBe(3)
    expect(await remote.discard('a' as never)).toBe(true)
    close()
  })

  it('[F14][F15] leaves no proxy to be collected while the page is in the cache', () => {
    const { remote, close } = setUp()
    const method = remote.retryAll
    expect(remote.retryAll).toBe(method)
    close()
    // Released, so Comlink's finalizer knows of it no longer.
    expect(() => method()).toThrow(/released/)
  })
})

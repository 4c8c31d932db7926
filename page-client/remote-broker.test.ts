import { expose } from 'comlink'
import { describe, expect, it, vi } from 'vitest'
import { openBrokerPort } from './remote-broker.js'

function setUp() {
  const { port1, port2 } = new MessageChannel()
  const never = () => new Promise(() => {})
  expose(
    { hello: never, send: never, retryAll: () => 3, discard: (key: string) => key === 'a' },
    port2,
  )
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
    const unregister = vi.spyOn(FinalizationRegistry.prototype, 'unregister')
    const { remote, close } = setUp()
    const method = remote.retryAll
    expect(remote.retryAll).toBe(method)
    unregister.mockClear()
    close()
    // Of the port and of its one method: Comlink's finalizer knows of neither any longer.
    expect(unregister).toHaveBeenCalledTimes(2)
    unregister.mockRestore()
  })

  it('[P12][F1] settles what is asked of it when it ends, and what is asked later', async () => {
    const port = setUp()
    const answers = [port.remote.hello({} as never), port.remote.send({} as never)]
    expect(port.isAwaited).toBe(true)
    port.close()
    answers.push(port.remote.retryAll() as never)
    for (const answer of answers) {
      await expect(answer).rejects.toMatchObject({ code: 'interrupted', retryable: true })
    }
    expect(port.isAwaited).toBe(false)
  })
})

import { describe, expect, it } from 'vitest'
import type { ConnectOptions } from './api.js'
import { readOptions } from './connect-options.js'

const read = (options: object) => readOptions(options as ConnectOptions, 'https://app.example/a/b')

describe('what an app gives to connect', () => {
  it('[P13] names the line by its address and identity alone', () => {
    const outbox = { operations: 5, bytes: 10, overflow: 'drop-oldest' }
    const given = { url: '/line#top', identity: 'ann', outbox, background: false }
    const { name, line } = read(given)
    expect(name).toBe('partyline:["wss://app.example/line","ann"]')
    expect(line).toMatchObject({ url: 'wss://app.example/line', identity: 'ann', outbox })
    expect(read({ url: 'ws://other.example' }).name).toBe('partyline:["ws://other.example/"]')
  })

  it('makes the health address absolute, as it does its own', () => {
    const { line, name } = read({ url: '/line', healthUrl: '../health' })
    expect(line.healthUrl).toBe('https://app.example/health')
    expect(name).toBe(read({ url: '/line' }).name)
    expect(read({ url: '/line' }).line.healthUrl).toBeUndefined()
  })

  it('[P12] crosses a port, however the app keeps it', () => {
    const wrapped = <T extends object>(given: T): T => new Proxy(given, {})
    const given = { outbox: wrapped({ operations: 5 }), closeCodes: wrapped({ 4123: 'fatal' }) }
    const { line } = read({ url: '/', ...given })
    expect(structuredClone(line)).toMatchObject({
      outbox: { operations: 5 },
      closeCodes: { 4123: 'fatal' },
    })
  })

  it('says in messages which worker it was', () => {
    expect(read({ url: '/' }).workerUrl).toBe('worker.js')
    expect(read({ url: '/', worker: '/own.js' }).workerUrl).toBe('/own.js')
    expect(read({ url: '/', worker: () => {} }).workerUrl).toMatch(/function/)
  })

  const bad: [options: object, option: string][] = [
    [{}, 'url'],
    [{ url: 'http://[' }, 'url'],
    [{ url: 'mailto:ann' }, 'url'],
    [{ url: '/', background: 'no' }, 'background'],
    [{ url: '/', healthUrl: 'http://[' }, 'healthUrl'],
    [{ url: '/', auth: 5 }, 'auth'],
    [{ url: '/', auth: 'http://[' }, 'auth'],
    [{ url: '/', maxAttempts: '3' }, 'maxAttempts'],
    [{ url: '/', pauseHidden: Number.NaN }, 'pauseHidden'],
    [{ url: '/', outbox: 5 }, 'outbox'],
    [{ url: '/', overflow: 'reject' }, 'overflow'],
  ]
  for (const [options, option] of bad) {
    it(`is refused by name: ${JSON.stringify(options)}`, () => {
      const refusal = { code: 'bad-option', details: expect.objectContaining({ option }) }
      expect(() => read(options)).toThrow(expect.objectContaining(refusal))
    })
  }
})

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LineState } from '../protocol/status.js'
import { decodeUp, encode } from '../protocol/wire/codec.js'
import { MESSAGE_MAX } from '../protocol/wire/limits.js'
import { WELCOME } from '../testing/scripted-server.js'
import { createVirtualClock, settled } from '../testing/virtual-clock.js'
import { createConnection } from './connection/connection.js'
import { TIMING } from './connection/timing.js'
import { realEnvironment } from './environment.js'

/** A browser's socket to a server that welcomes whoever says hello. */
class WelcomingSocket {
  static readonly OPEN = 1
  static readonly CLOSED = 3
  readyState = 0
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number; reason: string }) => void) | null = null

  constructor(readonly url: string) {
    void settled().then(() => {
      this.readyState = WelcomingSocket.OPEN
      this.onopen?.()
    })
  }

  send(text: string): void {
    const decoded = decodeUp(text, MESSAGE_MAX)
    if (!decoded.ok || decoded.frames[0]?.[0] !== 'hello') return
    void settled().then(() => this.onmessage?.({ data: encode([['welcome', WELCOME]]) }))
  }

  close(): void {
    this.readyState = WelcomingSocket.CLOSED
  }
}

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('the network as it is', () => {
  it('[S31] is what reaches the server: a machine that calls itself offline and does is online', async () => {
    vi.stubGlobal('navigator', { onLine: false })
    vi.stubGlobal('WebSocket', WelcomingSocket)
    const { openSocket, random } = realEnvironment()
    const states: LineState['state'][] = []
    const connection = createConnection({
      clock: createVirtualClock(),
      random,
      openSocket,
      url: 'wss://app.example/line',
      rules: { timing: TIMING },
      greet: async () => ({
        versions: [1],
        features: [],
        client: 'c1' as never,
        connection: 1,
        channels: [],
        lanes: [],
        credit: 1,
      }),
      hasNewToken: async () => false,
      askHealth: async () => 'silent',
      onWelcome() {},
      onFrame() {},
      onLost() {},
      onChange: ({ state }) => states.push(state),
    })
    connection.start()
    for (let i = 0; i < 5; i++) await settled()
    expect(states.at(-1)).toBe('online')
    await connection.close()
  })
})

describe('what is fetched', () => {
  let asked: [url: string, init: RequestInit][] = []
  let isBodyRead = true

  beforeEach(() => {
    asked = []
    isBodyRead = true
    vi.stubGlobal('navigator', { onLine: false })
    vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
      asked.push([url, init])
      const cancel = async (): Promise<void> => {
        isBodyRead = false
      }
      return { status: 503, body: { cancel }, text: async () => 'busy' }
    })
  })

  it('[P13][S32] to see how a server is carries no cookies, trusts no cache and follows nobody to a login page', async () => {
    const { signal } = new AbortController()
    const { fetchStatus } = realEnvironment()
    expect(await fetchStatus?.('https://app.example/health', signal)).toBe(503)
    expect(asked).toEqual([
      [
        'https://app.example/health',
        { signal, credentials: 'omit', cache: 'no-store', redirect: 'error' },
      ],
    ])
    expect(isBodyRead).toBe(false)
  })

  it('for a token carries them, and is not asked for ever', async () => {
    const { fetchText } = realEnvironment()
    expect(await fetchText?.('/token')).toEqual({ status: 503, text: 'busy' })
    const signal = expect.any(AbortSignal)
    expect(asked).toEqual([
      ['/token', { signal, credentials: 'include', cache: 'no-store', redirect: 'error' }],
    ])
  })
})

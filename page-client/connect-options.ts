/**
 * Owns the reading of what an app gives to `connect`: checked by name, its address made absolute, and
 * with it the name that everything of this line bears (P13). No behaviour.
 */
import { lineName } from '../protocol/line-name.js'
import type { LineOptions } from '../protocol/port.js'
import type { ConnectOptions } from './api.js'
import { check, refuse } from './options.js'

const OPTIONS = {
  url: 'string|object',
  worker: 'string|object|function?',
  identity: 'string?',
  auth: 'function|string|object?',
  durability: 'string?',
  outbox: 'object?',
  closeCodes: 'object?',
  maxAttempts: 'number?',
  pauseHidden: 'number?',
  healthUrl: 'string|object?',
  background: 'boolean?',
  schemas: 'object?',
  onError: 'function?',
}

export interface LineGiven {
  readonly line: LineOptions
  readonly name: string
  /** For error messages. */
  readonly workerUrl: string
}

export function readOptions(options: ConnectOptions, baseUrl: string): LineGiven {
  check(options, OPTIONS)
  const { worker, identity, durability, outbox, closeCodes, maxAttempts, pauseHidden } = options
  const { auth, healthUrl } = options
  const line = {
    url: socketUrl(options.url, baseUrl),
    identity,
    durability,
    // Copies, because what an app's store wraps does not cross a port.
    outbox: outbox && { ...outbox },
    closeCodes: closeCodes && { ...closeCodes },
    maxAttempts,
    pauseHidden,
    healthUrl: healthUrl && absolute('healthUrl', healthUrl, baseUrl).href,
    authUrl: auth && typeof auth !== 'function' ? absolute('auth', auth, baseUrl).href : undefined,
  }
  const workerUrl = typeof worker === 'function' ? 'of your function' : `${worker ?? 'worker.js'}`
  return { line, name: lineName(line), workerUrl }
}

const absolute = (option: string, given: string | URL, base: string): URL =>
  URL.canParse(given, base) ? new URL(given, base) : refuse(option, 'a URL')

function socketUrl(given: string | URL, base: string): string {
  const url = absolute('url', given, base)
  url.protocol = url.protocol.replace('http', 'ws')
  if (!/^wss?:$/.test(url.protocol)) refuse('url', 'ws:, wss:, or a path of this origin')
  url.hash = ''
  return url.href
}

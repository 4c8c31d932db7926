/**
 * Owns the way from what an app says to an operation as the broker takes it: options checked by name,
 * the payload turned into text. Where it is refused the caller still stands there.
 */
import type { Key } from '../protocol/ids.js'
import type { NewOperation } from '../protocol/port.js'
import type { SendOptions } from './api.js'
import { check, checkCount, checkSignal, refuse } from './options.js'
import { toText } from './payload.js'

const SEND_OPTIONS = {
  lane: 'string?',
  key: 'string?',
  priority: 'number?',
  ttl: 'number?',
  maxAttempts: 'number?',
  signal: 'object?',
}

export function operationOf(
  type: string,
  given: unknown,
  options: SendOptions,
  channel: string | undefined,
  newKey: () => string,
): NewOperation {
  check(options, SEND_OPTIONS)
  const { priority, ttl, maxAttempts, signal } = options
  if (ttl !== undefined && ttl <= 0) refuse('ttl', 'milliseconds, more than 0')
  checkCount('maxAttempts', maxAttempts)
  checkSignal(signal)
  const key = (options.key ?? newKey()) as Key
  const lane = options.lane ?? channel ?? type
  const payload = toText(given)
  return defined({ key, lane, type, channel, payload, priority, ttl, maxAttempts })
}

type Given = { readonly [Name in keyof NewOperation]: NewOperation[Name] | undefined }

const defined = (given: Given): NewOperation =>
  Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as unknown as NewOperation

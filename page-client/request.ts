/**
 * Owns the way from what an app asks to a request as the broker takes it: options checked by name, the
 * payload turned into text; and the text of the answer back into a value.
 */
import { PartylineError } from '../protocol/errors.js'
import type { NewRequest } from '../protocol/port.js'
import { pageError } from '../protocol/sentences.js'
import type { RequestOptions } from './api.js'
import { check, checkSignal, checkTimeout } from './options.js'
import { toText } from './payload.js'

const REQUEST_OPTIONS = { timeout: 'number?', channel: 'string?', signal: 'object?' }

const TIMEOUT_MS = 10_000

export function requestOf(type: string, given: unknown, options: RequestOptions): NewRequest {
  check(options, REQUEST_OPTIONS)
  const { timeout = TIMEOUT_MS, channel, signal } = options
  checkTimeout(timeout)
  checkSignal(signal)
  const payload = toText(given)
  return {
    type,
    timeout,
    ...(channel !== undefined && { channel }),
    ...(payload !== undefined && { payload }),
  }
}

export function resultOf(type: string, text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch (cause) {
    const error = pageError('invalid', { at: `Result of "${type}"`, issues: ['no JSON'] })
    throw new PartylineError(error, { cause })
  }
}

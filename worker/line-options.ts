/**
 * Owns the check of a line's options. They come from a page, where types may be absent; here a wrong
 * one would surface much later, as a broken disk or a connection without a verdict.
 */
import type { ErrorInfo } from '../protocol/errors.js'
import type { LineOptions } from '../protocol/port.js'
import { brokerError } from '../protocol/sentences.js'
import type { Verdict } from '../protocol/wire/close-codes.js'

const VERDICTS: Readonly<Record<Verdict, true>> = {
  retry: true,
  restart: true,
  busy: true,
  unauthorized: true,
  superseded: true,
  fatal: true,
}

const isLimit = (value: unknown): boolean =>
  value === undefined || (typeof value === 'number' && value >= 1)

export function badOption(given: LineOptions): ErrorInfo | undefined {
  const { durability = 'strict', outbox, closeCodes, maxAttempts, pauseHidden } = given
  const { healthUrl, authUrl } = given
  if (durability !== 'strict' && durability !== 'relaxed') {
    return refuse('durability', '"strict" or "relaxed"')
  }
  const { operations, bytes, overflow = 'reject', ...unknown } = outbox ?? {}
  if (!isLimit(operations) || !isLimit(bytes) || Object.keys(unknown).length) {
    return refuse('outbox', '{ operations, bytes, overflow }, the first two numbers from 1')
  }
  if (overflow !== 'reject' && overflow !== 'drop-oldest') {
    return refuse('outbox.overflow', '"reject" or "drop-oldest"')
  }
  if (!isLimit(maxAttempts)) return refuse('maxAttempts', 'a number from 1')
  if (pauseHidden !== undefined && !(pauseHidden >= 0)) {
    return refuse('pauseHidden', 'milliseconds, from 0')
  }
  for (const [option, url] of Object.entries({ healthUrl, auth: authUrl })) {
    if (url === undefined || /^https?:/.test(url)) continue
    return refuse(option, 'an absolute address, http: or https:')
  }
  // Also null, which `typeof` takes for an object.
  const verdicts = closeCodes === null ? [''] : Object.values(closeCodes ?? {})
  if (verdicts.every((verdict) => Object.hasOwn(VERDICTS, verdict))) return undefined
  return refuse('closeCodes', `codes, each with one of: ${Object.keys(VERDICTS).join(', ')}`)
}

const refuse = (option: string, expected: string): ErrorInfo =>
  brokerError('bad-option', { option, expected })

/**
 * Owns what a failing disk is called (P2, P5): the one place that maps what engines throw to the codes
 * that an app can decide by.
 */
import type { ErrorInfo } from '../../protocol/errors.js'
import { brokerError } from '../../protocol/sentences.js'

export function storageError(reason: unknown): ErrorInfo {
  if (!(reason instanceof Error)) return brokerError('no-storage', { reason: String(reason) })
  const isFull = reason.name === 'QuotaExceededError'
  const text = reason.message ? `${reason.name}: ${reason.message}` : reason.name
  return brokerError(isFull ? 'quota' : 'no-storage', { reason: text })
}

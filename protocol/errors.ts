/**
 * Owns the one error class and its closed set of codes with typed details. Decide by code, never by
 * text.
 *
 * An error crosses ports as plain `ErrorInfo` and is rebuilt on the other side, because no engine
 * clones a subclass of Error. Its sentence is made where the error is found (sentences.ts) and
 * travels along, so that a page does not carry the sentences of the worker.
 */
import type { Host } from './status.js'
import type { GapReason } from './wire/frames-down.js'

export interface ErrorDetails {
  /** The caller gave an option that does not exist or has the wrong type. */
  'bad-option': { readonly option: string; readonly expected: string }
  /** This browser has no workers of any kind. */
  'no-worker': Record<never, never>
  /** There is a SharedWorker and it does not work; the line goes on in another host. */
  'no-shared-worker': {
    readonly url: string
    /** Its constructor threw, it fired `error`, or it did not answer in time. */
    readonly why: 'refused' | 'failed' | 'silent'
    readonly host: Host
  }
  /** The worker's script did not load or did not run. */
  'worker-unreachable': { readonly url: string }
  /** The worker loaded and never answered. */
  'worker-silent': { readonly url: string }
  /** Page and worker speak different contracts. */
  'contract-mismatch': { readonly page: number; readonly worker: number }
  /** JSON cannot carry this payload. */
  'not-json': { readonly at: string }
  /** Over the limit of the outbox or of the server. Sizes in characters of JSON. */
  'too-large': { readonly size: number; readonly limit: number }
  'outbox-full': { readonly limit: 'operations' | 'bytes' }
  /** Nothing can be stored: the operation lives in memory only. */
  'no-storage': { readonly reason: string }
  /** The disk is full: the operation lives in memory only. */
  quota: { readonly reason: string }
  /** The server said no, for good. */
  rejected: { readonly reason: string; readonly why?: string }
  /** Its time to live had passed before it took effect. */
  expired: Record<never, never>
  /** Sent as often as its sender allowed, and never settled. */
  exhausted: { readonly attempts: number }
  /** It was sent, and nobody can say any more whether it took effect. */
  'outcome-unknown': { readonly why: string }
  /** Taken out of the outbox. `sent`: it may have reached the server all the same. */
  discarded: { readonly by: 'user' | 'overflow' | 'sign-out'; readonly sent?: true }
  /** Not durable, so it is not kept until the line is back. */
  offline: Record<never, never>
  /** No response in time. */
  timeout: { readonly ms: number }
  /** The caller's own signal. */
  aborted: Record<never, never>
  /** The connection ended before the response came: the server may or may not have acted. */
  interrupted: Record<never, never>
  /** This server has no such thing as requests, signals or presence. */
  unsupported: { readonly feature: string }
  /** The server answered the request with an error; or a consumer's handler failed. */
  failed: { readonly reason: string; readonly why?: string }
  /** A payload that the app's own validator does not let through. */
  invalid: { readonly at: string; readonly issues: readonly string[] }
  /** This identity was signed out. */
  'signed-out': Record<never, never>
  /** The page cannot keep what it has just sent safe should it close now. */
  'no-lifeboat': { readonly key: string; readonly reason: string }
  /** The server does not let this identity into the channel. */
  denied: { readonly channel: string; readonly why?: string }
  /** An event that is not JSON, that the app's validator refused, or whose handler threw. */
  'bad-event': { readonly channel: string; readonly id: string }
  /** Events were lost before a consumer got them, and it has no `onGap`. */
  gap: { readonly channel: string; readonly reason: GapReason }
  /** A signal or a member's state that is not JSON, or whose handler threw. */
  'bad-signal': { readonly channel: string }
  /** The app's `snapshot` failed; it is tried again. */
  'no-snapshot': { readonly channel: string }
  /** The app's `auth` failed; it is asked again. `why`: of an `auth` in the worker, which no tab can see. */
  'no-token': { readonly why?: string }
  /** The line was closed here. */
  closed: Record<never, never>
}

export type ErrorCode = keyof ErrorDetails

/** An error as data: what crosses a port. */
export type ErrorInfo = {
  [Code in ErrorCode]: {
    readonly code: Code
    readonly details: ErrorDetails[Code]
    readonly message: string
  }
}[ErrorCode]

const RETRYABLE: readonly ErrorCode[] = [
  'worker-silent',
  'outbox-full',
  'no-storage',
  'quota',
  'offline',
  'timeout',
  'interrupted',
]

export class PartylineError extends Error {
  override readonly name = 'PartylineError'
  readonly code: ErrorCode
  readonly details: ErrorInfo['details']
  /** Whether the same call may succeed later with nothing else changed. */
  readonly retryable: boolean

  constructor(info: ErrorInfo, options?: { cause?: unknown }) {
    super(info.message, options)
    this.code = info.code
    this.details = info.details
    this.retryable = RETRYABLE.includes(info.code)
  }
}

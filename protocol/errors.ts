/**
 * Owns the one error class, its closed set of codes with typed details, and the one place that makes
 * sentences of them. Decide by code, never by text.
 *
 * An error crosses ports as plain `ErrorInfo` and is rebuilt on the other side, because no engine
 * clones a subclass of Error.
 */
export interface ErrorDetails {
  /** The caller gave an option that does not exist or has the wrong type. */
  'bad-option': { readonly option: string; readonly expected: string }
  /** This browser has no SharedWorker. */
  'no-shared-worker': Record<never, never>
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
  /** The server said no, for good. */
  rejected: { readonly reason: string; readonly why?: string }
  /** Somebody took the operation out of the outbox. */
  discarded: Record<never, never>
  /** The server does not let this identity into the channel. */
  denied: { readonly channel: string; readonly why?: string }
  /** An event that is not JSON, or whose handler threw. */
  'bad-event': { readonly channel: string; readonly id: string }
  /** The line was closed here. */
  closed: Record<never, never>
  /** The peer broke the protocol. */
  protocol: { readonly why: string }
}

export type ErrorCode = keyof ErrorDetails

/** An error as data: what crosses a port. */
export type ErrorInfo = {
  [Code in ErrorCode]: { readonly code: Code; readonly details: ErrorDetails[Code] }
}[ErrorCode]

const RETRYABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'worker-silent',
  'outbox-full',
  'no-storage',
])

export class PartylineError extends Error {
  override readonly name = 'PartylineError'
  readonly code: ErrorCode
  readonly info: ErrorInfo

  constructor(info: ErrorInfo, options?: { cause?: unknown }) {
    super(sentenceOf(info), options)
    this.code = info.code
    this.info = info
  }

  /** Whether the same call may succeed later with nothing else changed. */
  get retryable(): boolean {
    return RETRYABLE.has(this.code)
  }

  get details(): ErrorInfo['details'] {
    return this.info.details
  }
}

function sentenceOf(info: ErrorInfo): string {
  switch (info.code) {
    case 'bad-option':
      return `Option "${info.details.option}": expected ${info.details.expected}.`
    case 'no-shared-worker':
      return 'This browser has no SharedWorker here. Check for it before you connect.'
    case 'worker-unreachable':
      return `The worker ${info.details.url} did not start. Open that address: it must be JavaScript of this origin, allowed by the CSP's worker-src. "npx partyline copy <dir>" puts the file where you can serve it.`
    case 'worker-silent':
      return `The worker ${info.details.url} did not answer. Does the file call startBroker() at its top level?`
    case 'contract-mismatch':
      return `This page speaks contract ${info.details.page}, the worker ${info.details.worker}. Reload the page.`
    case 'not-json':
      return `JSON cannot carry the payload (${info.details.at}).`
    case 'too-large':
      return `${info.details.size} characters of JSON exceed the limit of ${info.details.limit}.`
    case 'outbox-full':
      return `The outbox is full (${info.details.limit}). Wait until it drains, or raise its limit.`
    case 'no-storage':
      return `Kept in memory only: ${info.details.reason}.`
    case 'rejected':
      return `The server rejected it (${info.details.reason})${info.details.why ? `: ${info.details.why}` : ''}.`
    case 'discarded':
      return 'Discarded before the server had it.'
    case 'denied':
      return `The server denies channel "${info.details.channel}"${info.details.why ? `: ${info.details.why}` : ''}.`
    case 'bad-event':
      return `Event ${info.details.id} of "${info.details.channel}" could not be handled.`
    case 'closed':
      return 'The line is closed in this tab.'
    case 'protocol':
      return `The server broke the protocol: ${info.details.why}.`
  }
}

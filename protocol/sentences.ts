/**
 * Owns the sentence of every error: what is wrong, and what to do about it where that is not plain.
 * Two tables, because page and worker are two downloads and each finds errors of its own.
 */
import type { ErrorCode, ErrorDetails, ErrorInfo } from './errors.js'

type Sentences<Code extends ErrorCode> = {
  readonly [Each in Code]: (details: ErrorDetails[Each]) => string
}

type Maker<Codes extends ErrorCode> = <Code extends Codes>(
  code: Code,
  details: ErrorDetails[Code],
) => ErrorInfo

const makerOf =
  <Codes extends ErrorCode>(sentences: Sentences<Codes>): Maker<Codes> =>
  (code, details) =>
    ({ code, details, message: sentences[code](details) }) as ErrorInfo

const badOption = ({ option, expected }: ErrorDetails['bad-option']): string =>
  `Option "${option}": expected ${expected}.`

const discarded = ({ by, sent }: ErrorDetails['discarded']): string =>
  `Discarded (${by})${sent ? '; it may have reached the server' : ' before it took effect'}.`

const tooLarge = ({ size, limit }: ErrorDetails['too-large']): string =>
  `${size} characters of JSON exceed the limit of ${limit}.`

const timeout = ({ ms }: ErrorDetails['timeout']): string => `No response within ${ms} ms.`

const because = (why: string | undefined): string => (why ? `: ${why}` : '')

const noToken = ({ why }: ErrorDetails['no-token']): string =>
  `"auth" failed, and is asked again${because(why)}.`

const interrupted = (): string => 'The connection ended before the response came.'

const WHY = {
  refused: 'was refused by the browser or by your function',
  failed:
    'did not start: is it a script of this origin, allowed by the CSP, the same `type` in every page',
  silent: 'did not answer',
}

/** Errors that a page finds. */
export const pageError = /* @__PURE__ */ makerOf({
  'bad-option': badOption,
  'no-worker': () => 'There are no workers here: connect in a browser.',
  'no-shared-worker': ({ url, why, host }) =>
    `The SharedWorker ${url} ${WHY[why]}. The line goes on without it (${host}).`,
  'worker-unreachable': ({ url }) =>
    `The worker ${url} did not start. Is it a script of this origin, allowed by the CSP's worker-src? Try "npx partyline copy <dir>".`,
  'worker-silent': ({ url }) =>
    `The worker ${url} did not answer. Does it call startBroker() at once?`,
  'not-json': ({ at }) => `JSON cannot carry the payload: ${at}.`,
  'bad-event': ({ channel, id }) => `Event ${id} of "${channel}" was not handled.`,
  'bad-signal': ({ channel }) => `A signal of "${channel}" was not handled.`,
  failed: ({ reason, why }) => `The handler failed (${reason})${because(why)}.`,
  gap: ({ channel, reason }) => `Events of "${channel}" are missing (${reason}).`,
  'no-snapshot': ({ channel }) => `There is no snapshot of "${channel}" yet; it is tried again.`,
  'too-large': tooLarge,
  timeout,
  interrupted,
  discarded,
  'no-token': noToken,
  closed: () => 'The line is closed in this tab.',
  aborted: () => 'Aborted.',
  invalid: ({ at, issues }) => `${at} is not valid: ${issues.join('; ')}.`,
  'signed-out': () => 'This identity was signed out.',
  'no-lifeboat': ({ key, reason }) =>
    `Operation ${key} is lost if this page closes now: ${reason}.`,
} satisfies Partial<Sentences<ErrorCode>>)

/** Errors that a broker finds. */
export const brokerError = /* @__PURE__ */ makerOf({
  'bad-option': badOption,
  'contract-mismatch': ({ page, worker }) =>
    `The page speaks contract ${page}, the worker ${worker}: reload the page.`,
  'too-large': tooLarge,
  'outbox-full': ({ limit }) =>
    `The outbox is full (${limit}). Wait until it drains, or raise its limit.`,
  'no-storage': ({ reason }) => `Kept in memory only: ${reason}.`,
  quota: ({ reason }) => `The disk is full; kept in memory only: ${reason}.`,
  rejected: ({ reason, why }) => `The server rejected it (${reason})${because(why)}.`,
  offline: () => 'The line is down; requests are not kept.',
  timeout,
  aborted: () => 'Aborted.',
  interrupted,
  unsupported: ({ feature }) => `This server does not offer ${feature}.`,
  failed: ({ reason, why }) => `The server answered with an error (${reason})${because(why)}.`,
  expired: () => 'Its time to live passed before the server had it.',
  exhausted: ({ attempts }) => `Given up after ${attempts} attempts.`,
  'outcome-unknown': ({ why }) => `It may or may not have taken effect: ${why}.`,
  'signed-out': () => 'This identity was signed out.',
  'no-token': noToken,
  discarded,
  denied: ({ channel, why }) => `The server denies channel "${channel}"${because(why)}.`,
} satisfies Partial<Sentences<ErrorCode>>)

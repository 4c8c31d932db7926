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

/** Errors that a page finds. */
export const pageError = /* @__PURE__ */ makerOf({
  'bad-option': badOption,
  'no-shared-worker': () => 'There is no SharedWorker here: check before you connect.',
  'worker-unreachable': ({ url }) =>
    `The worker ${url} did not start. Is it a script of this origin, allowed by the CSP's worker-src? Try "npx partyline copy <dir>".`,
  'worker-silent': ({ url }) =>
    `The worker ${url} did not answer. Does it call startBroker() at once?`,
  'not-json': ({ at }) => `JSON cannot carry the payload: ${at}.`,
  'bad-event': ({ channel, id }) => `Event ${id} of "${channel}" was not handled.`,
  closed: () => 'The line is closed in this tab.',
} satisfies Partial<Sentences<ErrorCode>>)

const because = (why: string | undefined): string => (why ? `: ${why}` : '')

/** Errors that a broker finds. */
export const brokerError = /* @__PURE__ */ makerOf({
  'bad-option': badOption,
  'contract-mismatch': ({ page, worker }) =>
    `The page speaks contract ${page}, the worker ${worker}: reload the page.`,
  'too-large': ({ size, limit }) => `${size} characters of JSON exceed the limit of ${limit}.`,
  'outbox-full': ({ limit }) =>
    `The outbox is full (${limit}). Wait until it drains, or raise its limit.`,
  'no-storage': ({ reason }) => `Kept in memory only: ${reason}.`,
  rejected: ({ reason, why }) => `The server rejected it (${reason})${because(why)}.`,
  discarded: () => 'Discarded before the server had it.',
  denied: ({ channel, why }) => `The server denies channel "${channel}"${because(why)}.`,
} satisfies Partial<Sentences<ErrorCode>>)

/**
 * Owns what a close code means: one table, from code to verdict. What follows from a verdict is the
 * connection machine's business; an app may override single codes.
 *
 * 1000 is a reconnect like any other: behind a proxy that dies, a "clean" close is what a network
 * loss looks like (F35). Only `bye` may say otherwise.
 */
export const CLOSE = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  unsupportedData: 1003,
  abnormal: 1006,
  invalidPayload: 1007,
  policy: 1008,
  tooLarge: 1009,
  restart: 1012,
  tryLater: 1013,
  /** From a client only: the server sent what the protocol forbids. */
  violated: 4000,
  unauthorized: 4001,
  maintenance: 4002,
  forbidden: 4003,
  tooSlow: 4008,
  superseded: 4009,
  busy: 4029,
} as const

/**
 * `retry`: connect again with backoff. `restart`: the same, and the server is known to be coming
 * back. `busy`: the same, but begin with a long wait. `unauthorized`: not before there is a new
 * token. `superseded`: another broker has the line. `fatal`: to try again cannot help.
 */
export type Verdict = 'retry' | 'restart' | 'busy' | 'unauthorized' | 'superseded' | 'fatal'

const VERDICTS: Readonly<Record<number, Verdict>> = {
  [CLOSE.protocolError]: 'fatal',
  [CLOSE.invalidPayload]: 'fatal',
  [CLOSE.policy]: 'fatal',
  [CLOSE.tooLarge]: 'fatal',
  [CLOSE.restart]: 'restart',
  [CLOSE.tryLater]: 'busy',
  [CLOSE.unauthorized]: 'unauthorized',
  [CLOSE.maintenance]: 'restart',
  [CLOSE.forbidden]: 'fatal',
  [CLOSE.superseded]: 'superseded',
  [CLOSE.busy]: 'busy',
}

export const verdictOf = (
  code: number,
  overrides: Readonly<Record<number, Verdict>> = {},
): Verdict => overrides[code] ?? VERDICTS[code] ?? 'retry'

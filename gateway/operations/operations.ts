/**
 * Owns the types with which an app says what its operations do and who may do what. No behaviour.
 *
 * An operation takes effect through what it returns: events and result are committed together with
 * the operation's number (P3). Whatever else it does, it may do twice if the process dies in the
 * middle; `context.key` is the same both times.
 *
 * `Claims` is what the app's own `authenticate` wants to tell its other functions of a token.
 */
export type MaybePromise<Value> = Value | Promise<Value>

export type Operation<Claims = unknown> = (
  payload: unknown,
  context: OperationContext<Claims>,
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is one too
) => MaybePromise<OperationEffect | undefined | void>

export interface OperationContext<Claims = unknown> {
  readonly type: string
  readonly identity: string
  readonly client: string
  readonly lane: string
  readonly channel?: string | undefined
  /** The idempotency key: the same at every attempt. */
  readonly key: string
  /** What `authenticate` said with the newest token of this connection. */
  readonly claims?: Claims | undefined
  /**
   * Aborted when `limits.appMs` have passed: the client is told to try again, what is returned later
   * is thrown away, and the next attempt may begin beside this one.
   */
  readonly signal: AbortSignal
}

export interface OperationEffect {
  readonly publish?: readonly { readonly channel: string; readonly payload: unknown }[]
  /** What the sender's `delivery.done` resolves with. */
  readonly result?: unknown
}

interface Asked<Claims> {
  readonly identity: string
  /** What `authenticate` said with the newest token of this connection. */
  readonly claims?: Claims | undefined
}

export type Question<Claims = unknown> =
  | (Asked<Claims> & {
      /** `subscribe` is for its pages too; `presence` to be shown and to watch. */
      readonly action: 'subscribe' | 'publish' | 'signal' | 'presence'
      readonly channel: string
    })
  | (Asked<Claims> & {
      readonly action: 'send' | 'request'
      readonly type: string
      readonly channel?: string | undefined
    })

/**
 * May they? A `Refusal` thrown says no with a reason, an `Unauthorized` asks for a fresher token;
 * another error means "ask again later".
 */
export type Authorize<Claims = unknown> = (question: Question<Claims>) => MaybePromise<boolean>

export interface Caller<Claims = unknown> {
  /** Whose data; the same over the whole connection. */
  readonly identity: string
  /** Milliseconds until this token is worth nothing. Absent: it never ends. */
  readonly expiresIn?: number | undefined
  /**
   * Handed on as it is, until the next token replaces it: roles, or since when the user has been
   * known to sit there, so that an operation can tell a fresh token from a stale one.
   */
  readonly claims?: Claims | undefined
}

/** What is known of a connection before its first frame. */
export interface ConnectionRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly address?: string | undefined
}

/** Whose token this is; undefined: nobody's. An error means "ask again later". */
export type Authenticate<Claims = unknown> = (
  token: string | undefined,
  request: ConnectionRequest,
) => MaybePromise<Caller<Claims> | undefined>

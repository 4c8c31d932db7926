/**
 * Owns the types with which an app says what its operations do and who may do what. No behaviour.
 *
 * An operation takes effect through what it returns: events and result are committed together with
 * the operation's number (P3). Whatever else it does, it may do twice if the process dies in the
 * middle; `context.key` is the same both times.
 */
export type MaybePromise<Value> = Value | Promise<Value>

export type Operation = (
  payload: unknown,
  context: OperationContext,
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is one too
) => MaybePromise<OperationEffect | undefined | void>

export interface OperationContext {
  readonly type: string
  readonly identity: string
  readonly client: string
  readonly lane: string
  readonly channel?: string | undefined
  /** The idempotency key: the same at every attempt. */
  readonly key: string
}

export interface OperationEffect {
  readonly publish?: readonly { readonly channel: string; readonly payload: unknown }[]
  /** What the sender's `delivery.done` resolves with. */
  readonly result?: unknown
}

export type Question =
  | {
      readonly action: 'subscribe' | 'publish'
      readonly identity: string
      readonly channel: string
    }
  | {
      readonly action: 'send'
      readonly identity: string
      readonly type: string
      readonly channel?: string | undefined
    }

/** May they? A `Refusal` thrown says no with a reason; another error means "ask again later". */
export type Authorize = (question: Question) => MaybePromise<boolean>

export interface Caller {
  /** Whose data; the same over the whole connection. */
  readonly identity: string
  /** Milliseconds until this token is worth nothing. Absent: it never ends. */
  readonly expiresIn?: number | undefined
}

/** What is known of a connection before its first frame. */
export interface ConnectionRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly address?: string | undefined
}

/** Whose token this is; undefined: nobody's. An error means "ask again later". */
export type Authenticate = (
  token: string | undefined,
  request: ConnectionRequest,
) => MaybePromise<Caller | undefined>

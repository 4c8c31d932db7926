/**
 * Owns the types with which an app says what it answers to a request. No behaviour.
 *
 * A request is a question: nothing of it is stored, it is answered once or not at all, and a client
 * that hears nothing may ask again. What changes something is an operation (operations.ts).
 */
import type { MaybePromise } from './operations.js'

/**
 * What is returned is the result. A `Refusal` thrown is the error with its code, an `Unauthorized`
 * the error `auth`; any other error is `failed`, and its text stays here.
 */
export type Responder<Claims = unknown> = (
  payload: unknown,
  context: RequestContext<Claims>,
) => MaybePromise<unknown>

export interface RequestContext<Claims = unknown> {
  readonly type: string
  readonly identity: string
  /** What `authenticate` said with the newest token of this connection. */
  readonly claims?: Claims | undefined
  readonly client: string
  readonly channel?: string | undefined
  /**
   * Aborted when nobody waits for the answer any more: the client cancelled or its connection ended,
   * its time or `limits.appMs` have passed.
   */
  readonly signal: AbortSignal
}

/**
 * Owns the way in which an app says "not with this token, but with a fresher one": thrown by
 * `authorize` or an operation, it settles nothing. The client gets a new token and sends the operation
 * again; a no for good is a `Refusal`.
 *
 * Thrown for a subscription it ends the connection with 4001, because a fresher token is then given
 * with the next hello, and no channel is denied in the meantime.
 */
export class Unauthorized extends Error {
  override readonly name = 'Unauthorized'
  /** For people, if any. */
  readonly why: string | undefined
  /** Milliseconds before which no token would be fresh enough, if any. */
  readonly after: number | undefined

  constructor(why?: string, { after }: { readonly after?: number } = {}) {
    super(why ?? 'a fresher token is needed')
    if (after !== undefined && !(after >= 0 && after < 2 ** 31))
      throw new TypeError('after: milliseconds, from 0 to 2,147,483,647')
    this.why = why?.slice(0, 1024)
    this.after = after
  }
}

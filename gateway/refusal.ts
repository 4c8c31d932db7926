/**
 * Owns the way in which an app's operation says "no, for good": a terminal answer that settles the
 * operation's number. Any other error means "not now", and the client tries again.
 */
/** What the protocol says of numbers: an operation that is refused with one of these comes again. */
const RESERVED: readonly string[] = ['out-of-order', 'stale-epoch', 'number-reused']

export class Refusal extends Error {
  override readonly name = 'Refusal'
  /** For programs: decide by this. */
  readonly code: string
  /** For people, if any. */
  readonly why: string | undefined

  constructor(code: string, why?: string) {
    super(why === undefined ? code : `${code}: ${why}`)
    if (!code || code.length > 256)
      throw new TypeError('a refusal has a code of 1 to 256 characters')
    if (RESERVED.includes(code)) throw new TypeError(`"${code}" is about numbers, not operations`)
    this.code = tidy(code)
    this.why = why === undefined ? undefined : tidy(why).slice(0, 1024)
  }
}

/** What a log can keep of a text. */
const tidy = (text: string): string => text.replace(/\p{Surrogate}|\0/gu, '\ufffd')

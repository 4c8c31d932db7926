/**
 * Owns what text a log can keep. Databases store UTF-8, so a lone surrogate comes back as another
 * character, and several of them end a text at its first NUL: two channels could become one.
 */
const UNSTORABLE = /\p{Surrogate}|\0/u

export const isStorable = (text: string): boolean => !UNSTORABLE.test(text)

export class UnstorableText extends TypeError {
  override readonly name = 'UnstorableText'
  constructor(what: string) {
    super(`${what} has a lone surrogate or a NUL, which no log can keep`)
  }
}

export function assertStorable(what: string, ...texts: readonly string[]): void {
  for (const text of texts) if (!isStorable(text)) throw new UnstorableText(what)
}

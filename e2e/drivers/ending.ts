/**
 * Owns the end of a page as its driver's callers meet it: who waits for an answer of a page that is
 * gone is told so at once, whether or not the browser ever says it.
 */
export interface Ending {
  /** What the answer is, or the end if that comes first. */
  orAnswer<Answer>(answer: Promise<Answer>): Promise<Answer>
  come(how: string): void
}

export function createEnding(): Ending {
  let come: Ending['come'] = () => {}
  const end = new Promise<never>((_, reject) => {
    come = (how) => reject(new Error(`the page was ${how}`))
  })
  // Nobody may be waiting.
  end.catch(() => {})
  return { orAnswer: (answer) => Promise.race([answer, end]), come: (how) => come(how) }
}

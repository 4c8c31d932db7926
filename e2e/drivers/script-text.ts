/**
 * Owns the way of a function to a page and of its result back, as text: the one thing that every
 * driver protocol carries alike.
 */
import type { Run } from './driver.js'

/** An expression that calls the function with the value. */
export const callOf = <Result, Arg>(run: Run<Result, Arg>, arg: Arg | undefined): string =>
  `(${run})(${literalOf(arg)})`

/** As above, but what it comes to is text, for `answerOf`, and it never throws. */
export const tellingCallOf = <Result, Arg>(run: Run<Result, Arg>, arg: Arg | undefined): string =>
  `(async () => {
    try { return JSON.stringify({ value: await ${callOf(run, arg)} }) }
    catch (error) { return JSON.stringify({ error: String(error) + '\\n' + (error?.stack ?? '') }) }
  })()`

/** What the text of a telling call says. */
export function answerOf<Result>(text: string): Result {
  const told = JSON.parse(text) as { readonly value: Result; readonly error?: string }
  if (told.error !== undefined) throw new Error(told.error)
  return told.value
}

/** JSON has no undefined, and functions tell it from null. */
function literalOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literalOf).join()}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(
      ([key, each]) => `${JSON.stringify(key)}:${literalOf(each)}`,
    )
    return `{${entries.join()}}`
  }
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

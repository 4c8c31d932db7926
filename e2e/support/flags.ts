/** Owns the reading of a program's flags: `--name value`, numbers or words, with what they default to. */
import { parseArgs } from 'node:util'

type Flag = number | string

/** Every flag has a default, which also says of what kind it is. An unknown flag throws. */
export function readFlags<const Defaults extends Readonly<Record<string, Flag>>>(
  args: readonly string[],
  defaults: Defaults,
): { readonly [Name in keyof Defaults]: Defaults[Name] extends number ? number : string } {
  const names = Object.keys(defaults)
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' }] as const))
  const { values } = parseArgs({ args: [...args], options })
  const read = Object.entries(defaults).map(([name, value]) => {
    const given = values[name]
    if (given === undefined) return [name, value]
    if (typeof value === 'string') return [name, given]
    const number = Number(given)
    if (!Number.isInteger(number) || number < 0) throw new Error(`--${name} takes a whole number`)
    return [name, number]
  })
  return Object.fromEntries(read)
}

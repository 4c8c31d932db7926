/** Owns how a planted bug gets into the bundle: its place in the source is replaced while it is read. */
import { resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../../..')

/**
 * @param {import('./list.js').Mutant} mutant
 * @returns {import('vite').Plugin}
 */
export function planting({ name, file, line, instead }) {
  const target = resolve(ROOT, file)
  return {
    name: 'planted-bug',
    enforce: 'pre',
    transform(code, id) {
      if (id !== target) return undefined
      const parts = code.split(line)
      if (parts.length !== 2)
        throw new Error(`"${name}": its line is ${parts.length - 1} times in ${file}`)
      return parts.join(instead)
    },
  }
}

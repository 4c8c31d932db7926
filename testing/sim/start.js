/** Starts what `bundle.js` has made: `node start.js <file> [--flags]`. */
import process from 'node:process'
import { pathToFileURL } from 'node:url'

const [file = '', ...args] = process.argv.slice(2)
/** @typedef {{ main(args: readonly string[], self: string): Promise<number> }} Program */
const program = /** @type {Program} */ (await import(pathToFileURL(file).href))
process.exitCode = await program.main(args, file)

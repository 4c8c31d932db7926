/**
 * Runs a program of this room that is written in TypeScript: `node e2e/support/run.js <file> [--flags]`.
 * The file exports `main(args)`, which resolves with the exit code.
 */
import { resolve } from 'node:path'
import process from 'node:process'
import { runnerImport } from 'vite'

const [file = '', ...args] = process.argv.slice(2)

/** @typedef {{ main(args: readonly string[]): Promise<number> }} Program */
const { module } = await runnerImport(resolve(file), { configFile: false, logLevel: 'error' })
// What a browser or a server left open must not keep a finished program.
process.exit(await /** @type {Program} */ (module).main(args))

/** Runs the simulation as a program: bundled first, because a module runner costs it half its speed. */
import { resolve } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { bundle } from './bundle.js'

const file = await bundle(resolve(import.meta.dirname, 'main.ts'))
/** @typedef {{ main(args: readonly string[], self: string): Promise<number> }} Program */
const program = /** @type {Program} */ (await import(pathToFileURL(file).href))
process.exitCode = await program.main(process.argv.slice(2), file)

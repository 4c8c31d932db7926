/**
 * Owns the planted bugs: each a realistic mistake, as a place in the product and what stands there
 * instead. They live here and nowhere else; a place that has moved on is an error, not a mutant that lives.
 */
import { LIFE } from './life.js'
import { WAY_IN } from './way-in.js'
import { WAY_OUT } from './way-out.js'
import { WORLD } from './world.js'

/**
 * @typedef {object} Mutant
 * @property {string} name
 * @property {string} file
 * @property {string} line what is there, once in the file
 * @property {string} instead
 */

/** @type {readonly Mutant[]} */
export const MUTANTS = [...WAY_OUT, ...WAY_IN, ...LIFE, ...WORLD]

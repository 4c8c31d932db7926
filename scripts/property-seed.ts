/**
 * Gives every property test the same beginning, so that a run can be repeated and a change is judged by
 * what it changes. `SEED=… npm run test:unit` looks elsewhere; what it finds becomes an example.
 */
import fc from 'fast-check'

fc.configureGlobal({ seed: Number(process.env.SEED ?? 1) })

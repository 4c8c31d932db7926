/** Owns the way from the simulation's TypeScript, and all that it runs, to one file that Node can load. */
import { builtinModules } from 'node:module'
import { resolve } from 'node:path'
import { build } from 'vite'

const OUT = resolve(import.meta.dirname, '../../.cache/sim')

/**
 * @param {string} entry
 * @param {{ name?: string, plugins?: import('vite').Plugin[] }} [options]
 * @returns {Promise<string>} the file
 */
export async function bundle(entry, { name = 'sim', plugins = [] } = {}) {
  await build({
    configFile: false,
    logLevel: 'error',
    plugins,
    ssr: { noExternal: true, external: ['@photostructure/sqlite'] },
    build: {
      ssr: entry,
      outDir: OUT,
      emptyOutDir: false,
      minify: false,
      sourcemap: true,
      target: 'node20',
      rolldownOptions: {
        external: [...builtinModules, /^node:/, '@photostructure/sqlite'],
        output: { entryFileNames: `${name}.js`, codeSplitting: false },
      },
    },
  })
  return resolve(OUT, `${name}.js`)
}

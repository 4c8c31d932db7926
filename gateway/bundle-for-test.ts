/**
 * Owns the way in which tests run our TypeScript in a process of its own: bundled into the cache, as
 * the build would. Node 20 does not read TypeScript.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** Inside the package, so that the bundle finds its dependencies. */
const CACHE = fileURLToPath(new URL('../node_modules/.cache/partyline/', import.meta.url))

/** `source` is relative to this file. Returns the path of a script that Node runs. */
export async function bundleForTest(source: string, name: string): Promise<string> {
  const entryFileNames = `${name}.mjs`
  await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      ssr: fileURLToPath(new URL(source, import.meta.url)),
      outDir: CACHE,
      emptyOutDir: false,
      rolldownOptions: { output: { entryFileNames, codeSplitting: false } },
    },
  })
  return join(CACHE, entryFileNames)
}

/** Owns the way from a page's TypeScript with imports to one script, in memory. */
import { build, type Rolldown } from 'vite'

export async function bundle(entry: string): Promise<string> {
  const result = (await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, minify: false, lib: { entry, formats: ['es'], fileName: 'script' } },
  })) as Rolldown.RolldownOutput[]
  const chunk = result[0]?.output[0]
  if (!chunk) throw new Error(`nothing came of ${entry}`)
  return chunk.code
}

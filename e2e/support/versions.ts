/**
 * Owns the building of another version of the library, in memory: the same sources, with other numbers
 * in protocol/version.ts. The product knows nothing of it.
 */
import { build, type Plugin, type Rolldown } from 'vite'
import type { Version } from '../../protocol/version.js'

/** The two scripts that a deployment consists of. */
export interface Build {
  readonly pageClient: string
  readonly worker: string
}

function numbered({ contract, release }: Version): Plugin {
  return {
    name: 'another version',
    transform(code, id) {
      if (!id.endsWith('/protocol/version.ts')) return undefined
      return `${code
        .replace(/CONTRACT = \d+/, `CONTRACT = ${contract}`)
        .replace(/RELEASE = [\d_]+/, `RELEASE = ${release}`)}`
    },
  }
}

async function script(entry: string, version: Version): Promise<string> {
  const { output } = (await build({
    configFile: false,
    logLevel: 'error',
    plugins: [numbered(version)],
    // As for a server, or Vite would look for the worker that the page client names.
    ssr: { noExternal: true, target: 'webworker' },
    build: { write: false, minify: false, ssr: entry },
  })) as Rolldown.RolldownOutput
  return output[0].code
}

export async function buildVersion(version: Version): Promise<Build> {
  const [pageClient, worker] = await Promise.all([
    script('page-client/index.ts', version),
    script('worker/prebuilt.ts', version),
  ])
  return { pageClient, worker }
}

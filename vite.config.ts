/**
 * Builds the library: seven files in dist/, one environment for each way of being loaded. The demo
 * has a config of its own, types come from `tsc -b`.
 *
 * What browsers load is self-contained, because it is also served as it is. What Node loads keeps
 * its dependencies outside.
 */
import { rm } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { type BuildEnvironmentOptions, defineConfig, type EnvironmentOptions } from 'vite'

const outDir = 'dist'
const shared: BuildEnvironmentOptions = {
  outDir,
  emptyOutDir: false,
  copyPublicDir: false,
  reportCompressedSize: false,
  target: 'es2022',
  sourcemap: true,
}

/**
 * The page and the worker must not be "client" environments: for a client Vite follows
 * `new SharedWorker(new URL('./worker.js', import.meta.url))` and bundles the worker into the page's
 * output. Ours has to reach the user's bundler as it was written.
 *
 * What users bundle is left readable, and made small by their bundler. Full minification would also write
 * `type: \`module\``, which Vite's worker plugin then refuses in the user's app.
 */
function forBrowsers(name: string, entry: string, minify?: true): EnvironmentOptions {
  return {
    consumer: 'server',
    resolve: {
      noExternal: true,
      conditions: ['browser', 'module', 'import', 'default'],
      mainFields: ['browser', 'module', 'main'],
    },
    build: {
      ...shared,
      minify: minify ? 'oxc' : false,
      lib: { entry: { [name]: entry }, formats: ['es'] },
      rolldownOptions: {
        platform: 'browser',
        output: {
          entryFileNames: '[name].js',
          codeSplitting: false,
          ...(minify && { minify }),
        },
      },
    },
  }
}

function forNode(entry: Readonly<Record<string, string>>): EnvironmentOptions {
  return {
    consumer: 'server',
    build: {
      ...shared,
      minify: false,
      lib: { entry: { ...entry }, formats: ['es'] },
      rolldownOptions: {
        platform: 'node',
        external: [...builtinModules, /^node:/, 'ws', 'valibot', '@photostructure/sqlite'],
        output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name].js' },
      },
    },
  }
}

export default defineConfig({
  environments: {
    pageClient: forBrowsers('page-client', 'page-client/index.ts'),
    prebuiltWorker: forBrowsers('worker', 'worker/prebuilt.ts', true),
    workerEntry: forBrowsers('worker-entry', 'worker/index.ts', true),
    serviceWorker: forBrowsers('service-worker', 'worker/background.ts', true),
    node: forNode({
      protocol: 'protocol/index.ts',
      gateway: 'gateway/index.ts',
      cli: 'gateway/cli/main.ts',
    }),
  },
  builder: {
    async buildApp(builder) {
      await rm(`${outDir}/chunks`, { recursive: true, force: true })
      for (const name of ['pageClient', 'prebuiltWorker', 'workerEntry', 'serviceWorker', 'node']) {
        const environment = builder.environments[name]
        if (environment) await builder.build(environment)
      }
    },
  },
})

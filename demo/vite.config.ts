/**
 * Builds the demo: the app with the library's prebuilt worker beside it, the service worker with the
 * list of what it keeps, and the server. `vite --config demo/vite.config.ts` serves the app from its
 * sources, with a demo server running on the usual port behind it.
 *
 * It takes the library as an app would, from dist: build that first.
 */
import { createReadStream } from 'node:fs'
import { copyFile, mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { defineConfig, type Plugin } from 'vite'
import { injectManifest } from 'workbox-build'

const here = import.meta.dirname
const dist = path.resolve(here, '../dist')
const out = path.join(dist, 'demo')
const app = path.join(out, 'app')
const scratch = path.join(out, '.service-worker')
const WORKER = '/partyline/worker.js'
const BEHIND = 'http://127.0.0.1:5173'

/** The app names its worker by a fixed address; while developing it comes from here. */
const serveWorker: Plugin = {
  name: 'serve-worker',
  configureServer(server) {
    server.middlewares.use(WORKER, (_request, response) => {
      response.setHeader('content-type', 'text/javascript')
      createReadStream(path.join(dist, 'worker.js')).pipe(response)
    })
  },
}

/** The bundler also brings the page client's default worker, which this app does not use. */
const withoutDefaultWorker: Plugin = {
  name: 'without-default-worker',
  applyToEnvironment: ({ name }) => name === 'client',
  generateBundle(_options, bundle) {
    for (const name of Object.keys(bundle)) {
      if (/^assets\/worker-[^/]+\.js(\.map)?$/.test(name)) delete bundle[name]
    }
  },
}

export default defineConfig({
  root: here,
  cacheDir: path.resolve(here, '../.cache/vite-demo'),
  plugins: [serveWorker, withoutDefaultWorker],
  resolve: {
    alias: [
      { find: /^partyline$/, replacement: path.join(dist, 'page-client.js') },
      { find: /^partyline\/service-worker$/, replacement: path.join(dist, 'service-worker.js') },
      { find: /^partyline\/gateway$/, replacement: path.join(dist, 'gateway.js') },
    ],
  },
  server: { port: 5183, proxy: { '/api': BEHIND, '/line': { target: BEHIND, ws: true } } },
  build: { reportCompressedSize: false, target: 'es2022' },
  environments: {
    client: {
      build: {
        outDir: app,
        emptyOutDir: true,
        cssTarget: ['chrome125', 'firefox125', 'safari17.5'],
      },
    },
    serviceWorker: {
      consumer: 'server',
      define: { 'process.env.NODE_ENV': JSON.stringify('production') },
      resolve: { noExternal: true, conditions: ['browser', 'module', 'import', 'default'] },
      build: {
        outDir: scratch,
        emptyOutDir: true,
        minify: 'oxc',
        copyPublicDir: false,
        rolldownOptions: {
          platform: 'browser',
          input: path.join(here, 'service-worker/main.ts'),
          output: { format: 'iife', entryFileNames: 'service-worker.js' },
        },
      },
    },
    server: {
      consumer: 'server',
      build: {
        outDir: out,
        emptyOutDir: false,
        copyPublicDir: false,
        minify: false,
        rolldownOptions: {
          platform: 'node',
          input: path.join(here, 'server/main.ts'),
          external: ['ws', 'valibot', '@photostructure/sqlite'],
          output: { format: 'es', entryFileNames: 'server.js', codeSplitting: false },
        },
      },
    },
  },
  builder: {
    async buildApp(builder) {
      for (const name of ['client', 'serviceWorker', 'server']) {
        const environment = builder.environments[name]
        if (environment) await builder.build(environment)
      }
      await mkdir(path.dirname(path.join(app, WORKER)), { recursive: true })
      await copyFile(path.join(dist, 'worker.js'), path.join(app, WORKER))
      const { warnings } = await injectManifest({
        swSrc: path.join(scratch, 'service-worker.js'),
        swDest: path.join(app, 'service-worker.js'),
        globDirectory: app,
        globPatterns: ['index.html', 'icon.svg', 'assets/*.{js,css}', WORKER.slice(1)],
        // A hash in the name is a revision already.
        dontCacheBustURLsMatching: /^assets\//,
      })
      for (const warning of warnings) console.warn(warning)
      await rm(scratch, { recursive: true })
    },
  },
})

/**
 * Proves that the package works in other people's builds: packs it, installs the tarball into empty
 * Vite and webpack apps, builds and serves them, and visits them with a real browser.
 *
 * Each app has the worker in the three ways that the README offers: through a file of its own, by
 * default, and as the prebuilt file that `npx partyline copy` put into public/; and a service worker
 * of its own that imports `partyline/service-worker`. Needs the network.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { freePort, run, start } from './check-pack/processes.js'
import { serve } from './check-pack/static-server.js'
import { visit } from './check-pack/visit.js'
import { ensureBrowser } from './ensure-browser.js'
import { isRoot } from './find-browser.js'

const PAGES = ['own', 'default', 'copied']
const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))

/** @typedef {{ origin: string, stop(): Promise<void> }} Served */

const VITE = 'node_modules/vite/bin/vite.js'

/** @param {string} app @param {readonly string[]} command @returns {Promise<Served>} */
async function vite(app, ...command) {
  const port = String(await freePort())
  const flags = ['--host', '127.0.0.1', '--port', port, '--strictPort']
  const { match, stop } = await start([VITE, ...command, ...flags], app, /(http:\S+?)\/?\s/)
  return { origin: match[1] ?? '', stop }
}

/** @type {readonly { name: string, needs: readonly string[], serve: (app: string) => Promise<Served> }[]} */
const WAYS = [
  {
    name: 'vite dev',
    needs: [`vite@${devDependencies.vite}`],
    serve: (app) => vite(app),
  },
  {
    name: 'vite build',
    needs: [`vite@${devDependencies.vite}`],
    serve(app) {
      run(process.execPath, [VITE, 'build'], app)
      return vite(app, 'preview')
    },
  },
  {
    name: 'webpack',
    needs: ['webpack@5'],
    serve(app) {
      run(process.execPath, ['webpack-build.js'], app)
      return serve(join(app, 'dist'))
    },
  },
]

/** @param {string} folder @param {string} tarball @param {readonly string[]} needs */
function createApp(folder, tarball, needs) {
  cpSync('scripts/check-pack/app', folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  run('npm', ['install', '--no-audit', '--no-fund', tarball, ...needs], folder)
  run('npx', ['partyline', 'copy', 'public'], folder)
}

/** @param {string} app */
async function startGateway(app) {
  const args = ['gateway', '--port', '0', '--memory', '--origin', '*', '--json']
  const cli = 'node_modules/partyline/dist/cli.js'
  const { match, stop } = await start([cli, ...args], app, /^(\{.*\})$/m)
  const { url, port } = JSON.parse(match[1] ?? '')
  return { line: url, status: `http://127.0.0.1:${port}/status`, stop }
}

const home = mkdtempSync(join(tmpdir(), 'partyline-pack-'))
const browser = await chromium.launch({
  executablePath: await ensureBrowser('chromium'),
  args: [...(isRoot ? ['--no-sandbox'] : []), '--disable-gpu', '--disable-background-networking'],
})
let passed = 0
let failed = 0
try {
  run('npm', ['run', 'build'], '.')
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', home]
  const [packed] = JSON.parse(run('npm', pack, '.'))
  console.log(`${packed.filename}: ${packed.files.length} files, ${packed.size} bytes`)
  for (const { name, needs, serve: serveApp } of WAYS) {
    const app = join(home, name.replace(' ', '-'))
    createApp(app, join(home, packed.filename), needs)
    const { line, status, stop: stopGateway } = await startGateway(app)
    const served = await serveApp(app)
    for (const page of PAGES) {
      try {
        await visit(browser, { page: `${served.origin}/${page}.html`, line, status })
        passed += 1
        console.log(`ok      ${name}, worker: ${page}`)
      } catch (error) {
        failed += 1
        console.log(
          `FAILED  ${name}, worker: ${page}: ${error instanceof Error ? error.message : error}`,
        )
      }
    }
    await served.stop()
    await stopGateway()
  }
} finally {
  await browser.close()
  rmSync(home, { recursive: true, force: true })
}
if (failed) process.exitCode = 1
console.log(`${passed} passed, ${failed} failed`)

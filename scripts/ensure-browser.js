/**
 * Makes sure that there is a browser of an engine for the tests: finds one, else installs one by
 * whatever means this machine offers, else says in one line what to do.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { findEngine, isRoot } from './find-browser.js'

/** @typedef {{ name: string, packages: readonly string[], cure: string, download?: readonly string[] }} Source */

/** @type {Readonly<Record<import('./engines.js').Engine, Source>>} */
const SOURCES = {
  chromium: {
    name: 'Chromium',
    packages: ['chromium'],
    cure: 'name one in PARTYLINE_BROWSER=/path/to/chromium',
    download: ['playwright', 'install', 'chromium'],
  },
  firefox: {
    name: 'Firefox',
    packages: ['firefox-esr'],
    cure: 'name one in PARTYLINE_FIREFOX=/path/to/firefox',
  },
  webkit: {
    name: 'WebKitGTK',
    packages: ['webkit2gtk-driver', 'xvfb'],
    cure: 'name its parts in PARTYLINE_WEBKIT_DRIVER, PARTYLINE_WEBKIT and PARTYLINE_XVFB',
  },
}

/** @param {string} command @param {readonly string[]} args */
function run(command, ...args) {
  console.log(`$ ${command} ${args.join(' ')}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync(command, args, { stdio: 'inherit', env }).status === 0
}

/** @param {Source} source */
function install({ packages, download }) {
  const isDebian = existsSync('/etc/debian_version')
  if (isRoot && isDebian) {
    // Debian's packages bring the system libraries that a download lacks.
    return run('apt-get', 'update') && run('apt-get', 'install', '-y', ...packages)
  }
  return download !== undefined && run('npx', ...download)
}

/**
 * The path of a browser of this engine; rejects with what to do if there is none.
 * @param {import('./engines.js').Engine} engine
 */
export async function ensureBrowser(engine) {
  const source = SOURCES[engine]
  const path =
    (await findEngine(engine)) ?? (install(source) ? await findEngine(engine) : undefined)
  if (path) return path
  const packages = source.packages.map((name) => `"${name}"`).join(' and ')
  throw new Error(`No ${source.name}: install ${packages}, or ${source.cure}.`)
}

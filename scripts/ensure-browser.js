/**
 * Makes sure that there is a Chromium for the tests: finds one, else installs one by whatever means
 * this machine offers, else says in one line what to do.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { findBrowser, isRoot } from './find-browser.js'

/** @param {string} command @param {readonly string[]} args */
function run(command, ...args) {
  console.log(`$ ${command} ${args.join(' ')}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync(command, args, { stdio: 'inherit', env }).status === 0
}

function install() {
  const isDebian = existsSync('/etc/debian_version')
  if (isRoot && isDebian) {
    // Debian's package brings the system libraries that Playwright's own download lacks.
    return run('apt-get', 'update') && run('apt-get', 'install', '-y', 'chromium')
  }
  return run('npx', 'playwright', 'install', 'chromium')
}

/** @returns {Promise<string>} The browser's path. */
export async function ensureBrowser() {
  const path = (await findBrowser()) ?? (install() ? await findBrowser() : undefined)
  if (path) return path
  throw new Error(
    'No Chromium: install the package "chromium", or name one in PARTYLINE_BROWSER=/path/to/chromium.',
  )
}

/**
 * Finds a Chromium for the tests: the one that PARTYLINE_BROWSER names, the system's, or Playwright's
 * own. It installs nothing; scripts/test.js decides what to do when there is none.
 */
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const PLACES = [
  '/usr/lib/chromium/chromium',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

async function playwrightsOwn() {
  const { chromium } = await import('@playwright/test')
  const path = chromium.executablePath()
  return existsSync(path) ? path : undefined
}

/**
 * The path of a Chromium, or undefined.
 * @returns {Promise<string | undefined>}
 */
export async function findBrowser() {
  const chosen = process.env.PARTYLINE_BROWSER
  if (chosen) {
    if (isExecutable(chosen)) return chosen
    throw new Error(`PARTYLINE_BROWSER is ${chosen}, which cannot be executed.`)
  }
  const folders = (process.env.PATH ?? '').split(delimiter)
  const onPath = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)))
  return [...onPath, ...PLACES].find(isExecutable) ?? (await playwrightsOwn())
}

/** Chromium refuses to run as root inside its sandbox. */
export const isRoot = process.getuid?.() === 0

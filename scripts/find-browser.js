/**
 * Finds the browsers for the tests: those that PARTYLINE_BROWSER, PARTYLINE_FIREFOX and so on name, the
 * system's, or Playwright's own Chromium. It installs nothing: ensure-browser.js does, when there is none.
 */
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
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
 * What the owner of the machine has named, else the first that is there.
 * @param {string} variable @param {readonly string[]} names @param {readonly string[]} [places]
 */
function find(variable, names, places = []) {
  const chosen = process.env[variable]
  if (chosen) {
    if (isExecutable(chosen)) return chosen
    throw new Error(`${variable} is ${chosen}, which cannot be executed.`)
  }
  const folders = (process.env.PATH ?? '').split(delimiter)
  const onPath = folders.flatMap((folder) => names.map((name) => join(folder, name)))
  return [...onPath, ...places].find(isExecutable)
}

/**
 * The path of a Chromium, or undefined.
 * @returns {Promise<string | undefined>}
 */
export const findBrowser = async () =>
  find('PARTYLINE_BROWSER', NAMES, PLACES) ?? (await playwrightsOwn())

export const findFirefox = () =>
  find(
    'PARTYLINE_FIREFOX',
    ['firefox-esr', 'firefox'],
    ['/Applications/Firefox.app/Contents/MacOS/firefox'],
  )

/** WebKitGTK is a driver, a small browser, and a screen where there is none: all, or undefined. */
export function findWebKit() {
  const driver = find('PARTYLINE_WEBKIT_DRIVER', ['WebKitWebDriver'])
  const browser = find('PARTYLINE_WEBKIT', ['MiniBrowser'], miniBrowsers())
  const screen = find('PARTYLINE_XVFB', ['Xvfb'])
  return driver && browser && screen ? { driver, browser, screen } : undefined
}

/** Debian puts it with the libraries, whose folder has the machine's name. */
function miniBrowsers() {
  const libraries = '/usr/lib'
  const versions = ['webkitgtk-6.0', 'webkit2gtk-4.1', 'webkit2gtk-4.0']
  const folders = existsSync(libraries) ? ['', ...readdirSync(libraries)] : []
  return versions.flatMap((version) =>
    folders.map((folder) => join(libraries, folder, version, 'MiniBrowser')),
  )
}

/** The path by which a browser is known. @param {'chromium' | 'firefox' | 'webkit'} engine */
export async function findEngine(engine) {
  switch (engine) {
    case 'chromium':
      return findBrowser()
    case 'firefox':
      return findFirefox()
    case 'webkit':
      return findWebKit()?.browser
  }
}

/** Chromium refuses to run as root inside its sandbox. */
export const isRoot = process.getuid?.() === 0

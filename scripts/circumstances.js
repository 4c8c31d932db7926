/** Owns what has to stand beside a measured figure: on which day it was measured, and with what. */
import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'
import { findBrowser } from './find-browser.js'

/** @returns {Promise<{ date: string, machine: string }>} */
export async function circumstances() {
  const browser = execFileSync((await findBrowser()) ?? 'chromium', ['--version'])
  const version = /[\d.]+/.exec(browser.toString())?.[0]?.split('.')[0]
  const machine = `Chromium ${version} and Node ${process.versions.node.split('.')[0]} on ${cpus().length} shared cores`
  return { date: new Date().toISOString().slice(0, 10), machine }
}

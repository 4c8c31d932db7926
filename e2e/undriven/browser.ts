/**
 * Owns a Chromium that nobody drives: started as a person starts it, on a profile of its own, with
 * no debugger attached, because a debugger keeps alive what a browser would let die. What is to
 * happen in it, its pages are told over the network (control.ts).
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findBrowser, isRoot } from '../../scripts/find-browser.js'
import { killTree } from '../support/processes.js'

export interface Browser {
  /** Its profile, where it says how it can be spoken to. */
  readonly folder: string
  /** kill -9, and the profile goes. */
  close(): Promise<void>
}

const ARGS = [
  '--headless=new',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  // The page that opens the others was not clicked.
  '--disable-popup-blocking',
  // Who speaks to it speaks to its own pages (discards.ts), and to none of ours.
  '--remote-debugging-port=0',
]

/** Without it the browser's own pages are closed. */
const LOCAL_STATE = { internal_only_uis_enabled: true }

/** Resolves when the process runs; its first page says by itself when it is there. */
export async function startBrowser(firstPage: string): Promise<Browser> {
  const executable = await findBrowser()
  if (!executable) throw new Error('there is no Chromium: name one with PARTYLINE_BROWSER')
  const folder = await mkdtemp(join(tmpdir(), 'partyline-undriven-'))
  await writeFile(join(folder, 'Local State'), JSON.stringify(LOCAL_STATE))
  const args = [...ARGS, ...(isRoot ? ['--no-sandbox'] : []), `--user-data-dir=${folder}`]
  const browser = spawn(executable, [...args, firstPage], { stdio: 'ignore' })
  await once(browser, 'spawn')
  return {
    folder,
    async close() {
      if (browser.exitCode !== null || browser.signalCode !== null) return
      const gone = once(browser, 'exit')
      if (browser.pid) killTree(browser.pid)
      await gone
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

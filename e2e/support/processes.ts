/**
 * Owns the way to kill a process with all its descendants, as a crash or a power cut does: -9, no
 * goodbye; and to hold and release all of them, as a machine that sleeps does. It reaches only what
 * descends from the process it is given.
 */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

interface ProcessEntry {
  readonly pid: number
  readonly parent: number
  readonly command: string
}

function processes(): readonly ProcessEntry[] {
  return process.platform === 'linux' ? fromProc() : fromPs()
}

function fromProc(): readonly ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        // "pid (name) state parent …": the name may contain anything, a bracket too.
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
        const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        return [{ pid: Number(pid), parent: Number(parent), command }]
      } catch {
        // It ended while we were looking.
        return []
      }
    })
}

function fromPs(): readonly ProcessEntry[] {
  const text = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,command='], { encoding: 'utf8' })
  return text.split('\n').flatMap((row) => {
    const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row) ?? []
    return command === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }]
  })
}

/** The browser process (not one of its children) that runs on this profile. */
export function browserOf(profile: string): number | undefined {
  return processes().find(
    ({ command }) => command.includes(`--user-data-dir=${profile}`) && !/ --type=/.test(command),
  )?.pid
}

/** How much memory a process has in hand, in KiB; one that has ended has none. */
export function residentOf(pid: number): number {
  try {
    const text =
      process.platform === 'linux'
        ? /^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
        : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })
    return Number(text ?? 0)
  } catch {
    return 0
  }
}

/** The processes in which the pages and workers of this browser run. */
export const renderersOf = (browser: number): readonly number[] =>
  descendantsOf(browser, ' --type=renderer')

/** Kills the process through which everything of this browser goes out. */
export function killNetworkService(browser: number): void {
  const [pid] = descendantsOf(browser, '.NetworkService')
  if (pid === undefined) throw new Error('there is no network service')
  process.kill(pid, 'SIGKILL')
}

function descendantsOf(browser: number, mark: string): readonly number[] {
  const all = processes()
  const own = treeOf(browser, all)
  return all
    .filter(({ pid, command }) => own.has(pid) && command.includes(mark))
    .map(({ pid }) => pid)
}

function treeOf(root: number, all: readonly ProcessEntry[]): ReadonlySet<number> {
  const tree = new Set([root])
  for (let grown = 0; grown !== tree.size; ) {
    grown = tree.size
    for (const { pid, parent } of all) if (tree.has(parent)) tree.add(pid)
  }
  return tree
}

export const killTree = (root: number): void => signalTree(root, 'SIGKILL')

/** None of them runs until it is resumed. */
export const stopTree = (root: number): void => signalTree(root, 'SIGSTOP')

export const resumeTree = (root: number): void => signalTree(root, 'SIGCONT')

function signalTree(root: number, signal: NodeJS.Signals): void {
  for (const pid of treeOf(root, processes())) {
    try {
      process.kill(pid, signal)
    } catch {
      // Gone already.
    }
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const GONE_WITHIN_MS = 5_000

/** Resolves when the process has ended. */
export async function untilGone(pid: number): Promise<void> {
  const giveUpAt = performance.now() + GONE_WITHIN_MS
  while (isAlive(pid)) {
    if (performance.now() > giveUpAt) throw new Error(`process ${pid} does not end`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

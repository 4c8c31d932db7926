/**
 * Owns the CPU time of a process tree, as Linux accounts it: what the browser's many processes have
 * used together.
 */
import { readdirSync, readFileSync } from 'node:fs'

const TICKS_PER_SECOND = 100

/** pid, parent and ticks of every process. */
function all() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        return [
          {
            pid: Number(pid),
            parent: Number(fields[1]),
            ticks: Number(fields[11]) + Number(fields[12]),
          },
        ]
      } catch {
        return [] // It has ended meanwhile.
      }
    })
}

/** Seconds of CPU that this process and all below it have used. @param {number} root */
export function cpuOf(root) {
  const processes = all()
  const tree = new Set([root])
  for (let grew = true; grew; ) {
    grew = false
    for (const { pid, parent } of processes) {
      if (tree.has(pid) || !tree.has(parent)) continue
      tree.add(pid)
      grew = true
    }
  }
  const ticks = processes
    .filter(({ pid }) => tree.has(pid))
    .reduce((sum, one) => sum + one.ticks, 0)
  return ticks / TICKS_PER_SECOND
}

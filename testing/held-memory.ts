/** Owns the weight of what a test still holds: bytes of JavaScript, after a forced collection. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

export function heldMemory(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}

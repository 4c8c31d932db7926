/**
 * Asks: how many of ten thousand clients knock within the same 100 ms after their server restarted,
 * and how much does it help that the server says when to come? Nothing is measured here: it is
 * computed by the machine that drives every connection, from a seed, and comes out the same everywhere.
 */
import { runnerImport } from 'vite'

export async function storm() {
  const { module } = await runnerImport('./testing/storm.ts')
  const { clients, downMs } = module.STORM
  const rows = module.storms(module.STORM)
  console.log(`Storm: ${clients} clients, their server is away for ${downMs / 1000} s`)
  console.table(rows)
  return rows
}

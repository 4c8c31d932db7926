/**
 * Owns the program that the kill test runs: it commits without end to the log whose file it is given
 * and prints the number of each operation once it is settled.
 */
import process from 'node:process'
import { openSqliteLog } from './sqlite-log.js'

const [file = ''] = process.argv.slice(2)
const log = await openSqliteLog({ file, retain: 1_000_000 })
const [known] = await log.lanes('killed', ['lane'])

async function settle(seq: number): Promise<void> {
  const author = { client: 'killed', lane: 'lane', epoch: 1, seq, key: `key ${seq}`, lowest: 1 }
  const publish = [{ channel: 'board', payload: `${seq}` }]
  const { state } = await log.commit(author, { publish, answer: 'last-id' })
  if (state !== 'applied') throw new Error(`${seq}: ${state}`)
  process.stdout.write(`${seq}\n`)
}

for (let next = (known?.seq ?? 0) + 1; ; next += 20) {
  await Promise.all(Array.from({ length: 20 }, (_, index) => settle(next + index)))
}

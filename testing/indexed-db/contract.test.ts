import { describe, expect, it } from 'vitest'
import type { EngineCase } from './contract-bed.js'
import { openingCases } from './contract-openings.js'
import { transactionCases } from './contract-transactions.js'
import { installIndexedDb } from './globals.js'
import { createMachine } from './machine.js'

const SEEDS = 50

async function check({ run, said }: EngineCase): Promise<void> {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const heard: string[] = []
    const machine = createMachine(seed)
    const { factory } = machine.thread('page')
    installIndexedDb(factory)
    await machine.run(() => run('database', (word) => heard.push(word)))
    await machine.rest()
    expect({ seed, heard }).toEqual({ seed, heard: said })
  }
}

describe('the twin of IndexedDB does what engines do', () => {
  for (const one of transactionCases) it(`[P2] ${one.title}`, () => check(one))
  for (const one of openingCases) it(`[P2] ${one.title}`, () => check(one))
})

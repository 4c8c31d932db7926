import { expect, test } from 'vitest'
import { createLedger } from './ledger.js'

const run = (first: number, last: number, author = 'tab 1') => ({
  channel: 'a',
  author,
  first,
  last,
})

test('[P6] what is seen once and in order is complete', () => {
  const ledger = createLedger()
  ledger.published('a', 'tab 1', 5)
  ledger.heard(run(1, 2))
  expect(ledger.missing()).toEqual(['lost: tab 1 in a, seen 2 of 5'])
  ledger.heard(run(3, 5))
  expect(ledger.missing()).toEqual([])
  expect(ledger.faults).toEqual([])
  expect(ledger.events).toBe(5)
})

test.each([
  ['[P3] told again', [run(1, 3), run(3, 3)], 'again or too late: tab 1 in a: 3 to 3 after 3'],
  ['[P4] told in another order', [run(2, 3), run(1, 1)], 'again or too late: tab 1 in a: 1 to 1'],
  ['[P6] told with a hole', [run(1, 1), run(3, 3)], 'a hole: tab 1 in a: 3 to 3 after 1'],
  ['never published', [run(1, 4)], 'more than were published: tab 1 in a'],
])('%s is a fault', (_, runs, fault) => {
  const ledger = createLedger()
  ledger.published('a', 'tab 1', 3)
  for (const one of runs) ledger.heard(one)
  expect(ledger.faults.join('\n')).toContain(fault)
})

test('what was not safe when its author died may come, or not, but nothing more', () => {
  for (const [seen, missing, faults] of [
    [2, 1, 0],
    [3, 0, 0],
    [5, 0, 0],
    [6, 0, 1],
  ] as const) {
    const ledger = createLedger()
    ledger.published('a', 'tab 1', 5, 3)
    ledger.heard(run(1, seen))
    expect([ledger.missing().length, ledger.faults.length]).toEqual([missing, faults])
  }
})

test('authors and channels have accounts of their own', () => {
  const ledger = createLedger()
  ledger.published('a', 'tab 1', 1)
  ledger.published('b', 'tab 1', 1)
  ledger.published('a', 'tab 2', 1)
  ledger.heard(run(1, 1))
  ledger.heard(run(1, 1, 'tab 2'))
  expect(ledger.missing()).toEqual(['lost: tab 1 in b, seen 0 of 1'])
})

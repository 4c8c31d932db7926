/** What a server has done that loses its log: what is held against the product, and what is not. */
import { describe, expect, it } from 'vitest'
import type { Fact } from '../../../e2e/outbox-check/story.js'
import { effectsOf, reorderings } from './effects.js'

const sent = (key: string): Fact => ({ fact: 'sent', tab: 'tab', lane: 'a', key, kind: 'publish' })
const acked = (key: string): Fact => ({ fact: 'acked', tab: 'tab', key, id: '1' })
const log = (...keys: readonly string[]) =>
  keys.map((key, index) => ({ id: String(index + 1), key, lane: 'a' }))

const FACTS = [sent('first'), sent('second'), sent('third')]

describe('a log that is lost', () => {
  it('[P3] counts for what its sender knows of and nobody has done again', () => {
    const logs = [log('first', 'second', 'third'), log('first')]
    const { log: all, isLost } = effectsOf(logs, [...FACTS, acked('first'), acked('second')])
    expect(all.map(({ key }) => key)).toEqual(['second', 'first'])
    expect([...isLost]).toEqual(['first', 'second', 'third'])
  })

  it('[P4] does not put in front what is not done again behind what is', () => {
    expect(reorderings([log('first', 'second'), log('first')], FACTS)).toEqual([])
  })

  it('[P4] had an order of its own, and so has the next one', () => {
    const second = { key: 'second', why: 'in lane a it is before first' }
    expect(reorderings([log('second', 'first'), log('first')], FACTS)).toEqual([second])
    expect(reorderings([log('first', 'second'), log('second', 'first')], FACTS)).toEqual([second])
  })

  it('[P4] may have seen what a broken disk forgets, and what comes late then under the next one', () => {
    const logs = [log('first'), log('second', 'first')]
    expect(reorderings(logs, FACTS)).toHaveLength(1)
    expect(reorderings(logs, FACTS, true)).toEqual([])
    expect(reorderings([log('third'), log('second', 'first')], FACTS, true)).toHaveLength(2)
  })

  it('[P4] is before the next one', () => {
    const second = { key: 'second', why: 'in lane a it is before first' }
    expect(reorderings([log('second'), log('first')], FACTS)).toEqual([second])
  })
})

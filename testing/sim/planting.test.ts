import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { MUTANTS } from './mutants/list.js'

describe('the planted bugs', () => {
  it('each have their place, once, in the product as it stands', () => {
    const times = ({ file, line }: (typeof MUTANTS)[number]): number =>
      readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8').split(line).length - 1
    expect(MUTANTS.filter((mutant) => times(mutant) !== 1)).toEqual([])
    expect(MUTANTS.length).toBeGreaterThanOrEqual(25)
  })

  it('are each another one', () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length)
  })
})

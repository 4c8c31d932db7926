import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { STORM, storms } from './storm.js'

describe('ten thousand clients whose server restarts', () => {
  const rows = storms(STORM)
  const told = rows.filter(({ storm }) => storm.includes('spread') || storm.includes('drain'))

  it('[P11][F41] come spread out by at least thirty times when the server says how', () => {
    expect(told).toHaveLength(3)
    for (const { storm, lower, peak } of told) {
      expect(lower, storm).toBeGreaterThanOrEqual(30)
      // Also if each of the impatient had tried only once.
      expect(STORM.clients / peak, storm).toBeGreaterThanOrEqual(30)
    }
  })

  it('[P11] are all back soon after the last that the server has named', () => {
    expect(told.map((row) => row['all back s'])).toEqual([
      expect.closeTo(6, 0),
      expect.closeTo(32, 0),
      expect.closeTo(5, 0),
    ])
    for (const { attempts } of told) expect(attempts).toBe(STORM.clients)
  })

  it('[P11] spread out also when nobody tells them how', () => {
    for (const { storm, lower } of rows.slice(1)) expect(lower, storm).toBeGreaterThan(4)
  })

  it('[S26] are those of the published table', () => {
    expect(JSON.parse(readFileSync('docs/figures.json', 'utf8')).storm).toEqual(rows)
  })

  it('come out the same whoever asks, and another seed makes no other picture', () => {
    expect(storms({ ...STORM, clients: 200 })).toEqual(storms({ ...STORM, clients: 200 }))
    const others = storms({ ...STORM, seed: 7 })
    others.forEach(({ peak }, i) => {
      expect(peak / (rows[i]?.peak ?? 0)).toBeCloseTo(1, 0)
    })
  })
})

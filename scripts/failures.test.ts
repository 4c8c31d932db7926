import { describe, expect, it } from 'vitest'
import { failuresOf } from './failures.js'

const ESCAPED = '\u001B[31mError: expected 1, got 2\u001B[39m\n\n   at line 7\n'

describe('what a report of Playwright says failed', () => {
  const spec = (title: string, status: string) => ({
    title,
    tests: [{ projectName: 'firefox', status, results: [{ errors: [{ message: ESCAPED }] }] }],
  })
  const report = {
    suites: [
      {
        title: 'outbox.spec.ts',
        specs: [spec('passes', 'expected')],
        suites: [{ title: 'after a kill', specs: [spec('fails', 'unexpected')] }],
      },
    ],
  }

  it('names the test with its engine and its place, and says why without colours', () => {
    expect(failuresOf(report)).toEqual([
      {
        name: 'firefox › outbox.spec.ts › after a kill › fails',
        why: 'Error: expected 1, got 2\nat line 7',
      },
    ])
  })

  it('names one that passed only when it was tried again', () => {
    const flaky = { suites: [{ title: 'a.spec.ts', specs: [spec('wavers', 'flaky')] }] }
    expect(failuresOf(flaky)).toHaveLength(1)
  })

  it('names what broke outside any test', () => {
    expect(failuresOf({ errors: [{ message: 'no such project' }] })).toEqual([
      { name: 'outside any test', why: 'no such project' },
    ])
  })

  it('does not name what was not begun', () => {
    expect(
      failuresOf({ suites: [{ title: 'a.spec.ts', specs: [spec('waits', 'skipped')] }] }),
    ).toEqual([])
  })

  it('tells a long reason by its beginning', () => {
    const message = Array.from({ length: 50 }, () => 'x'.repeat(1_000)).join('\n')
    const [failure] = failuresOf({ errors: [{ message }] })
    expect(failure?.why.length).toBeLessThan(1_000)
  })
})

describe('what a report of Vitest says failed', () => {
  it('names the test and says why', () => {
    const test = { fullName: 'a lane keeps its order', failureMessages: [ESCAPED] }
    const testResults = [
      {
        name: 'lane.test.ts',
        status: 'failed',
        assertionResults: [
          { ...test, status: 'failed' },
          { ...test, status: 'passed' },
        ],
      },
    ]
    expect(failuresOf({ testResults })).toEqual([
      { name: 'a lane keeps its order', why: 'Error: expected 1, got 2\nat line 7' },
    ])
  })

  it('names a file that could not be read', () => {
    const file = {
      name: 'lane.test.ts',
      status: 'failed',
      message: 'no module',
      assertionResults: [],
    }
    expect(failuresOf({ testResults: [file] })).toEqual([
      { name: 'lane.test.ts', why: 'no module' },
    ])
  })
})

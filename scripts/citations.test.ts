/** Proves that no clause of the pages can lose its test, and no test its clause, unseen. */
import { expect, test } from 'vitest'
import { citationsOf, clausesOf, faultsOf } from './citations.js'

/** Names that no test here may seem to cite. */
const name = (letter: string, number: number) => `[${letter}${number}]`
const [G1, G2, S1] = [name('G', 1), name('G', 2), name('S', 1)]

test('a page names its clauses in prose, in tables and in lists', () => {
  const page = `It is so ${G1}. And so ${G2}.\n\n| a | b ${S1} |\n\n1. [a link](G3.md) and F4`
  expect(clausesOf(page)).toEqual(['G1', 'G2', 'S1'])
})

test('a title cites, whatever quotes it, and whoever else it cites', () => {
  const source = [
    `it('${G1}${G2} is so', () => {`,
    `  test(\`${S1} of \${kind === 'a' ? 'one' : 'two'}\`, run)`,
    `  describe("${G1} isn't so", run)`,
  ].join('\n')
  expect(citationsOf('a.test.ts', source).map(({ name, at }) => `${name} ${at}`)).toEqual([
    'G1 a.test.ts:1',
    'G2 a.test.ts:1',
    'S1 a.test.ts:2',
    'G1 a.test.ts:3',
  ])
  expect(citationsOf('a.test.ts', source)[0]?.title).toBe(`${G1}${G2} is so`)
})

test('what stands in a comment cites nothing', () => {
  expect(citationsOf('a.test.ts', `// '${G1}'\n/** '${G1}' */\n * \`${G1}\``)).toEqual([])
})

test('a clause without a test, a citation of nothing and a name given twice are told', () => {
  const citations = citationsOf('a.test.ts', `it('${G1}${S1} is so')`)
  const { uncited, unknown, doubled } = faultsOf(['G1', 'G2', 'G1'], citations)
  expect(uncited).toEqual(['G2'])
  expect(unknown.map((citation) => citation.name)).toEqual(['S1'])
  expect(doubled).toEqual(['G1'])
})

test('where each has its test, nothing is wrong', () => {
  const citations = citationsOf('a.test.ts', `it('${G1}${G2} is so')`)
  expect(faultsOf(['G1', 'G2'], citations)).toEqual({ uncited: [], unknown: [], doubled: [] })
})

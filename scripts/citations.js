/**
 * Owns how tests and pages are read against each other: which names a page gives to what it says,
 * which names the titles of tests cite, and what is wrong between the two. Knows no files: it is
 * given texts.
 *
 * P is a promise, F a fault, G a clause of docs/GUARANTEES.md, S one of docs/STATES.md.
 */

/** What one title cites, and where. @typedef {{ name: string, title: string, at: string }} Citation */

/** @typedef {{ uncited: string[], unknown: Citation[], doubled: string[] }} Faults */

const NAME = /\[([PFGS]\d+)\]/g
/** Titles fit on a line; what stands in a comment cites nothing. */
const TEXT = /'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`/g

/** The names in a page, in its order, as often as they stand there. @param {string} page */
export function clausesOf(page) {
  return [...page.matchAll(NAME)].map(([, name = '']) => name)
}

/** The citations in the source of a test. @param {string} file @param {string} source */
export function citationsOf(file, source) {
  /** @type {Citation[]} */
  const found = []
  for (const [index, line] of source.split('\n').entries()) {
    if (/^\s*(\/\/|\/?\*)/.test(line)) continue
    for (const [text] of line.matchAll(TEXT)) {
      const title = text.slice(1, -1)
      for (const name of clausesOf(title)) found.push({ name, title, at: `${file}:${index + 1}` })
    }
  }
  return found
}

/**
 * What is wrong between the names that there are and the citations of them.
 * @param {readonly string[]} names @param {readonly Citation[]} citations @returns {Faults}
 */
export function faultsOf(names, citations) {
  const cited = new Set(citations.map(({ name }) => name))
  const known = new Set(names)
  return {
    uncited: [...known].filter((name) => !cited.has(name)),
    unknown: citations.filter(({ name }) => !known.has(name)),
    doubled: [...new Set(names.filter((name, index) => names.indexOf(name) !== index))],
  }
}

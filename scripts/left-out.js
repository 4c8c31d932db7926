/**
 * Owns what it means to leave a test out: it needs something, by its tag or by its place, and where it
 * would run that is lacking, for a reason that is told to people. Who lacks what, is the affair of
 * engines.js and hosts.js.
 */

/** A test, as Playwright lists it: tags without "@". @typedef {{ tags: readonly string[], file: string }} Test */
/** By need. @typedef {Readonly<Record<string, string>>} Reasons */

/**
 * Tags by need, and the files and folders every test of which has that need.
 * @typedef {{ tags: Readonly<Record<string, string>>, places: Readonly<Record<string, readonly string[]>> }} Needs
 */

/** What a project of the tests does without. @param {Reasons} lacks @param {Needs} needs */
export function leftOut(lacks, { tags, places }) {
  const lacking = new Set(Object.keys(lacks))
  const tagged = Object.entries(tags).filter(([need]) => lacking.has(need))
  const placed = Object.entries(places).filter(([need]) => lacking.has(need))
  return {
    // Of nothing, the expression that nothing matches.
    grepInvert: new RegExp(tagged.map(([, tag]) => `${tag}\\b`).join('|') || '$^'),
    testIgnore: placed.flatMap(([, of]) =>
      of.map((place) => `**/${place}${place.endsWith('/') ? '**' : ''}`),
    ),
  }
}

/** The first thing that a test needs and that is lacking. @param {Reasons} lacks @param {Needs} needs @param {Test} test */
export function firstLack(lacks, { tags, places }, { tags: own, file }) {
  const needs = [
    ...Object.entries(places).filter(([, of]) => of.some((place) => file.startsWith(place))),
    ...Object.entries(tags).filter(([, tag]) => own.includes(tag.slice(1))),
  ].map(([need]) => need)
  return needs.find((need) => need in lacks)
}

/**
 * Owns what a report says of the tests that did not pass: their names, and the first lines of why, for
 * somebody who sees the end of an output and nothing else of it. It knows the reports of Vitest and of
 * Playwright, and not how they came about.
 */
import { stripVTControlCharacters } from 'node:util'
import { readReport } from './playwright-runs.js'

/** A suite of Playwright's report. @typedef {{ title: string, specs?: readonly Spec[], suites?: readonly Suite[] }} Suite */
/** @typedef {{ title: string, tests: readonly { projectName: string, status: string, results: readonly { errors?: readonly { message?: string }[] }[] }[] }} Spec */
/** A file of Vitest's. @typedef {{ name: string, message?: string, status: string, assertionResults: readonly { fullName: string, status: string, failureMessages: readonly string[] }[] }} File */
/** @typedef {{ name: string, why: string }} Failure */

/** Lines of a reason that are told, and characters of each. */
const LINES = 8
const CHARACTERS = 120

/** @param {string | undefined} message */
const beginningOf = (message = 'no reason was given') =>
  stripVTControlCharacters(message)
    .split('\n')
    .map((line) => line.trim().slice(0, CHARACTERS))
    .filter(Boolean)
    .slice(0, LINES)
    .join('\n')

/** @param {readonly string[]} above @param {Spec} spec @returns {readonly Failure[]} */
const ofSpec = (above, { title, tests }) =>
  tests
    .filter(({ status }) => status === 'unexpected' || status === 'flaky')
    .map(({ projectName, results }) => ({
      name: [projectName, ...above, title].join(' › '),
      why: beginningOf(results.flatMap(({ errors = [] }) => errors)[0]?.message),
    }))

/** @param {Suite} suite @param {readonly string[]} above @returns {readonly Failure[]} */
function ofSuite({ title, specs = [], suites = [] }, above) {
  const names = [...above, title]
  return [
    ...specs.flatMap((spec) => ofSpec(names, spec)),
    ...suites.flatMap((suite) => ofSuite(suite, names)),
  ]
}

/** @param {File} file @returns {readonly Failure[]} */
function ofFile({ name, message, status, assertionResults }) {
  const failed = assertionResults.filter((test) => test.status === 'failed')
  // A file that could not even be read has no tests that failed.
  if (status === 'failed' && !failed.length) return [{ name, why: beginningOf(message) }]
  return failed.map(({ fullName, failureMessages }) => ({
    name: fullName,
    why: beginningOf(failureMessages[0]),
  }))
}

/** What a report of either kind says failed. @param {any} report @returns {readonly Failure[]} */
export const failuresOf = ({ suites = [], errors = [], testResults = [] }) => [
  ...suites.flatMap((/** @type {Suite} */ suite) => ofSuite(suite, [])),
  ...testResults.flatMap(ofFile),
  ...errors.map((/** @type {{ message?: string }} */ { message }) => ({
    name: 'outside any test',
    why: beginningOf(message),
  })),
]

/** The same of a report on the disk; one that is not there says nothing. @param {string} path */
export const failuresIn = (path) => failuresOf(readReport(path) ?? {})

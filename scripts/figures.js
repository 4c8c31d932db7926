/**
 * Holds the figures of README.md against docs/figures.json, which `npm run bench -- --write` makes:
 * fails when they differ. With --write it puts them in.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const START = '<!-- figures -->\n'
const END = '<!-- /figures -->'

const figures = JSON.parse(readFileSync('docs/figures.json', 'utf8'))
const readme = readFileSync('README.md', 'utf8')

/** @param {number} value */
const number = (value) => value.toLocaleString('en-GB')

const fanOut = figures['fan-out'].map(
  (/** @type {Record<string, number>} */ row) =>
    `| ${row.tabs} | ${number(row['plain events/s'] ?? 0)} | ${number(row['ours events/s'] ?? 0)} | ${row['rate ratio']} × | ${row['CPU ratio']} × less |`,
)
const sizes = figures.sizes.map(
  (/** @type {{ file: string, bytes: number }} */ { file, bytes }) =>
    `| \`${file}\` | ${number(bytes)} bytes |`,
)
const text = [
  '| tabs | a plain WebSocket each, events/s | Partyline, events/s | rate | CPU of the browser |',
  '|---|---|---|---|---|',
  ...fanOut,
  '',
  '| file | minified, brotli |',
  '|---|---|',
  ...sizes,
  '',
  `Measured on ${figures.date} with ${figures.machine}; \`npm run bench\` repeats it. Read the ratios: machines differ.`,
  '',
].join('\n')

const [before = '', rest = ''] = readme.split(START)
const [current = '', after = ''] = rest.split(END)
if (process.argv.includes('--write')) {
  writeFileSync('README.md', `${before}${START}${text}${END}${after}`)
} else if (current !== text) {
  console.error(
    'The figures in README.md are not those of docs/figures.json: run "node scripts/figures.js --write".',
  )
  process.exitCode = 1
} else console.log(`The figures in README.md are those of ${figures.date}.`)

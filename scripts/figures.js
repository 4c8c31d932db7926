/**
 * Holds the figures in README.md and docs/STATES.md against docs/figures.json, which
 * `npm run bench -- --write` and `npm run soak -- --write` make: fails when they differ. With --write it puts them in.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const START = '<!-- figures -->\n'
const END = '<!-- /figures -->'

/** @typedef {Record<string, string | number>} Row */

const figures = JSON.parse(readFileSync('docs/figures.json', 'utf8'))

/** @param {string | number | undefined} value */
const number = (value = 0) => value.toLocaleString('en-GB')

const fanOut = figures['fan-out'].map(
  (/** @type {Row} */ row) =>
    `| ${row.tabs} | ${number(row['plain events/s'])} | ${number(row['ours events/s'])} | ${row['rate ratio']} × | ${row['CPU ratio']} × less |`,
)
const sizes = figures.sizes.map(
  (/** @type {Row} */ { file, bytes }) => `| \`${file}\` | ${number(bytes)} bytes |`,
)
const storm = figures.storm.map(
  (/** @type {Row} */ row) =>
    `| ${row.storm} | ${number(row.peak)} | ${row.lower} × | ${number(row.attempts)} | ${row['half back s']} s | ${row['all back s']} s |`,
)

/** @type {{ date: string, machine: string, minutes: number, tabs: number, events: number } | undefined} */
const soak = figures.soak
const soakLines = soak
  ? [
      `![Memory of a soak of ${soak.minutes} minutes](docs/soak.svg)`,
      '',
      `${soak.minutes} minutes of faults, ${number(soak.tabs)} tabs and ${number(soak.events)} events in one browser, on ${soak.date} with ${soak.machine}; \`npm run soak\` repeats it.`,
      '',
    ]
  : []

const PAGES = {
  'README.md': [
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
    ...soakLines,
  ],
  'docs/STATES.md': [
    '| what the clients hear | peak of connects per 100 ms | lower by | connects in all | half are back | all are back |',
    '|---|---|---|---|---|---|',
    ...storm,
    '',
  ],
}

let isStale = false
for (const [file, lines] of Object.entries(PAGES)) {
  const text = lines.join('\n')
  const page = readFileSync(file, 'utf8')
  const [before = '', rest = ''] = page.split(START)
  const [current = '', after = ''] = rest.split(END)
  if (process.argv.includes('--write')) {
    writeFileSync(file, `${before}${START}${text}${END}${after}`)
  } else if (current !== text) {
    console.error(
      `The figures in ${file} are not those of docs/figures.json: run "node scripts/figures.js --write".`,
    )
    isStale = true
  } else console.log(`The figures in ${file} are those of docs/figures.json.`)
}
if (isStale) process.exitCode = 1

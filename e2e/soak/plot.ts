/**
 * Owns the picture of a soak as SVG: memory above, tabs and deaths below, over the same minutes. What
 * is faint does not count yet; the dashes are the growth that was found. It is read on light and on
 * dark pages, so it has colours of its own for both and no background. Pure.
 */
import type { Growth } from './growth.js'
import {
  levelsOf,
  megabytes,
  NAMES,
  percent,
  sinceOf,
  type Verdict,
  type Weighed,
} from './judge.js'
import { TABS_MAX } from './plan.js'
import type { Result } from './result.js'
import { type Panel, panel, points, ticks } from './scales.js'

const WIDTH = 880
const LEFT = 56
/** Names and figures stand at the end of their lines. */
const RIGHT = 640

const STYLE = `
text { font: 12px system-ui, sans-serif; fill: #57606a }
.title { font-size: 15px; font-weight: 600; fill: #1f2328 }
.name { font-weight: 600 }
.grid { stroke: #d0d7de; stroke-width: 1 }
path { fill: none; stroke-width: 1.5; stroke-linejoin: round }
.early { opacity: .35 }
.trend { stroke-dasharray: 5 4; stroke-width: 1 }
.worker { stroke: #0969da } text.worker, tspan.worker { fill: #0969da; stroke: none }
.resident { stroke: #8250df } text.resident { fill: #8250df; stroke: none }
.gateway { stroke: #1a7f37 } text.gateway, tspan.gateway { fill: #1a7f37; stroke: none }
.process { stroke: #9a6700 } text.process { fill: #9a6700; stroke: none }
path.tabs { fill: #afb8c1; fill-opacity: .35; stroke: #8c959f; stroke-width: 1 }
.death { stroke-width: 1.5; opacity: .7 }
@media (prefers-color-scheme: dark) {
text { fill: #9198a1 } .title { fill: #f0f6fc } .grid { stroke: #3d444d }
.worker { stroke: #4493f8 } text.worker, tspan.worker { fill: #4493f8 }
.resident { stroke: #ab7df8 } text.resident { fill: #ab7df8 }
.gateway { stroke: #3fb950 } text.gateway, tspan.gateway { fill: #3fb950 }
.process { stroke: #d29922 } text.process { fill: #d29922 }
path.tabs { fill: #656c76; stroke: #656c76 }
}`

export function plot(result: Result, verdict: Verdict): string {
  const { samples, minutes } = result
  const highest = (...weighed: Weighed[]): number =>
    Math.max(1, ...weighed.flatMap((one) => levelsOf(one, samples).map(({ bytes }) => bytes))) * 1.1
  const last = Math.max(minutes, ...samples.map(({ minute }) => minute))
  const at = (top: number, height: number, high: number): Panel =>
    panel({ left: LEFT, right: RIGHT, top, height, widest: last, highest: high })

  const browser = at(64, 130, highest('worker', 'resident'))
  const gateway = at(230, 80, highest('gateway'))
  const process = at(346, 80, highest('process'))
  const tabs = at(462, 60, TABS_MAX)

  const line = (weighed: Weighed, on: Panel): readonly string[] => {
    const levels = levelsOf(weighed, samples)
    const since = sinceOf(weighed, result)
    const isLate = ({ minute }: { minute: number }): boolean => minute >= since
    const draw = (part: typeof levels, when: string): string =>
      `<path class="${weighed} ${when}" d="${points(part.map(({ minute, bytes }) => on.place(minute, bytes)))}"/>`
    const border = levels.findIndex(isLate)
    const early = border < 0 ? levels : levels.slice(0, border + 1)
    const growth = verdict.growth[weighed]
    return [
      draw(early, 'early'),
      draw(levels.filter(isLate), 'late'),
      ...trend(weighed, growth, on, since, last),
    ]
  }

  const labels = (weighed: readonly Weighed[], on: Panel): readonly string[] => {
    const ends = weighed.map((one) => ({ one, y: on.place(last, verdict.growth[one].usual).y }))
    return apart(ends).flatMap(({ one, y }) => {
      const { usual, perMinute, verdict: found } = verdict.growth[one]
      return [
        `<text class="${one} name" x="${RIGHT + 12}" y="${y - 3}">${NAMES[one]}</text>`,
        `<text x="${RIGHT + 12}" y="${y + 12}">${megabytes(usual)}, ${percent(perMinute)} a minute: ${found}</text>`,
      ]
    })
  }

  const drawn = (weighed: readonly Weighed[], on: Panel, most: number): readonly string[] => [
    ...grid(on, ticks(on.highest / MB, most), MB),
    ...weighed.flatMap((one) => line(one, on)),
    ...labels(weighed, on),
  ]

  const height = 576
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${title(result)}</title>`,
    `<style>${STYLE}</style>`,
    `<text class="title" x="${LEFT}" y="22">${title(result)}</text>`,
    `<text x="${LEFT}" y="44">Memory after a forced collection, MB. Faint: not judged, while processes are still killed, and warm up.</text>`,
    ...drawn(['worker', 'resident'], browser, 4),
    ...drawn(['gateway'], gateway, 3),
    ...drawn(['process'], process, 3),
    ...grid(tabs, [0, 5, 10], 1),
    area(result, tabs),
    `<text class="name" x="${RIGHT + 12}" y="${tabs.bottom - 30}">open tabs</text>`,
    ...result.deaths.map(({ who, minute }) => {
      const { x } = tabs.place(minute, 0)
      return `<path class="${who} death" d="M${x} ${tabs.bottom + 4}v8"/>`
    }),
    `<text x="${RIGHT + 12}" y="${tabs.bottom + 14}">deaths of <tspan class="worker name">worker</tspan> and <tspan class="gateway name">gateway</tspan></text>`,
    ...ticks(last, 10).map((minute) => {
      const { x } = tabs.place(minute, 0)
      return `<text x="${x}" y="${tabs.bottom + 30}" text-anchor="middle">${minute}</text>`
    }),
    `<text x="${RIGHT + 12}" y="${tabs.bottom + 30}">minutes</text>`,
    '</svg>',
    '',
  ].join('\n')
}

const MB = 1024 * 1024

const title = ({ lives, events, minutes }: Result): string =>
  `${minutes} minutes, ${lives.toLocaleString('en-GB')} tabs, ${events.toLocaleString('en-GB')} events`

function trend(
  weighed: Weighed,
  { usual, perMinute }: Growth,
  on: Panel,
  since: number,
  last: number,
): readonly string[] {
  if (!Number.isFinite(since) || usual === 0) return []
  const half = ((last - since) / 2) * perMinute
  const ends = [on.place(since, usual * (1 - half)), on.place(last, usual * (1 + half))]
  return [`<path class="${weighed} trend" d="${points(ends)}"/>`]
}

function grid(on: Panel, values: readonly number[], unit: number): readonly string[] {
  return values.flatMap((value) => {
    const { y } = on.place(0, value * unit)
    return [
      `<path class="grid" d="M${LEFT} ${y}H${RIGHT}"/>`,
      `<text x="${LEFT - 8}" y="${y + 4}" text-anchor="end">${value}</text>`,
    ]
  })
}

/** As many as there were, until the next count. */
function area({ samples }: Result, on: Panel): string {
  const steps = samples.map(({ minute, tabs }) => on.place(minute, tabs))
  const [first] = steps
  if (!first) return ''
  const path = steps.map(({ x, y }) => `H${x}V${y}`).join('')
  return `<path class="tabs" d="M${first.x} ${on.bottom}${path}V${on.bottom}Z"/>`
}

/** Two lines of text need so much. */
const LABEL = 34

/** From above; what would cover its neighbour goes down. */
function apart<End extends { readonly y: number }>(ends: readonly End[]): readonly End[] {
  let free = -Infinity
  return [...ends]
    .sort((one, other) => one.y - other.y)
    .map((end) => {
      const y = Math.max(end.y, free)
      free = y + LABEL
      return { ...end, y }
    })
}

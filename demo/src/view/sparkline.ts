/**
 * Owns the small curve of the last round trips. Its scale begins at zero, so that a calm line looks
 * calm; the numbers beside it are for those who cannot see it.
 */
const WIDTH = 160
const HEIGHT = 36
const POINTS = 20
const SVG = 'http://www.w3.org/2000/svg'

/** The points of the curve, newest at the right edge. */
export function sparklinePoints(values: readonly number[]): readonly (readonly [number, number])[] {
  const latest = values.slice(-POINTS)
  const top = Math.max(...latest, 1) * 1.15
  return latest.map((value, index) => [
    WIDTH - 3 - (latest.length - 1 - index) * ((WIDTH - 6) / (POINTS - 1)),
    HEIGHT - 3 - (value / top) * (HEIGHT - 6),
  ])
}

export interface Sparkline {
  readonly element: SVGSVGElement
  render(values: readonly number[]): void
}

export function createSparkline(): Sparkline {
  const element = document.createElementNS(SVG, 'svg')
  element.setAttribute('class', 'sparkline')
  element.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`)
  element.setAttribute('role', 'img')
  const area = document.createElementNS(SVG, 'polygon')
  const curve = document.createElementNS(SVG, 'polyline')
  const dot = document.createElementNS(SVG, 'circle')
  dot.setAttribute('r', '2.6')
  element.append(area, curve, dot)
  return {
    element,
    render(values) {
      const points = sparklinePoints(values)
      const first = points[0]
      const last = points.at(-1)
      dot.toggleAttribute('hidden', !last)
      element.setAttribute('data-empty', String(!last))
      element.setAttribute(
        'aria-label',
        last
          ? `The last ${values.length} round trips took ${Math.round(Math.min(...values))} to ${Math.round(Math.max(...values))} milliseconds.`
          : 'No round trip measured yet.',
      )
      const path = points.map((point) => point.map((value) => value.toFixed(1)).join(',')).join(' ')
      curve.setAttribute('points', path)
      area.setAttribute(
        'points',
        first && last ? `${first[0]},${HEIGHT} ${path} ${last[0]},${HEIGHT}` : '',
      )
      dot.setAttribute('cx', String(last?.[0] ?? 0))
      dot.setAttribute('cy', String(last?.[1] ?? 0))
    },
  }
}

/**
 * Owns the picture of what this is all about: every tab hangs on the same wire. A break shows where
 * the line is broken.
 */
import { setAttribute } from './h.js'

const SVG = 'http://www.w3.org/2000/svg'
const WIDTH = 132
const MIDDLE = 9
/** More tabs than this are a number, not a picture. */
const DROPS_MAX = 10

export interface Wire {
  readonly element: SVGSVGElement
  render(tabs: number, tone: string): void
}

export function createWire(): Wire {
  const element = document.createElementNS(SVG, 'svg')
  element.setAttribute('class', 'wire')
  element.setAttribute('viewBox', `0 0 ${WIDTH} 30`)
  element.setAttribute('aria-hidden', 'true')
  const rope = document.createElementNS(SVG, 'path')
  rope.setAttribute('class', 'wire-rope')
  const drops = document.createElementNS(SVG, 'g')
  element.append(rope, drops)
  let hung = -1

  return {
    element,
    render(tabs, tone) {
      setAttribute(element, 'data-tone', tone)
      rope.setAttribute('d', `M2 5 Q${WIDTH / 2} ${MIDDLE + 8} ${WIDTH - 2} 5`)
      const count = Math.min(Math.max(tabs, 1), DROPS_MAX)
      if (count === hung) return
      hung = count
      drops.replaceChildren(
        ...Array.from({ length: count }, (_, at) => drop((at + 1) / (count + 1))),
      )
    },
  }
}

function drop(share: number): SVGGElement {
  const x = 2 + share * (WIDTH - 4)
  const y = (1 - share) ** 2 * 5 + 2 * share * (1 - share) * (MIDDLE + 8) + share ** 2 * 5
  const group = document.createElementNS(SVG, 'g')
  const cord = document.createElementNS(SVG, 'path')
  cord.setAttribute('d', `M${x.toFixed(1)} ${y.toFixed(1)}v7`)
  const bell = document.createElementNS(SVG, 'circle')
  bell.setAttribute('cx', x.toFixed(1))
  bell.setAttribute('cy', (y + 9.5).toFixed(1))
  bell.setAttribute('r', '3')
  group.append(cord, bell)
  return group
}

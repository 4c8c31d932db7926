/**
 * Owns a person's mark: initials on one of six calm colours, always the same for the same name.
 */
import { h } from './h.js'

const HUES = 6

export function avatar(name: string): HTMLElement {
  return h(
    'span',
    { class: 'avatar', 'data-hue': hueOf(name), title: name, 'aria-hidden': true },
    initialsOf(name),
  )
}

export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/)
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]]
  return letters
    .map((word) => Array.from(word ?? '')[0] ?? '')
    .join('')
    .toUpperCase()
}

export function hueOf(name: string): number {
  let hash = 0
  for (const letter of name) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 9973
  return hash % HUES
}

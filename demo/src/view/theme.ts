/**
 * Owns light and dark: by default what the system says, by choice one of the two.
 */
import type { Shelf } from '../users.js'
import { h, setAttribute } from './h.js'
import { icon } from './icons.js'

const THEMES = ['auto', 'light', 'dark'] as const
type Theme = (typeof THEMES)[number]

const KEY = 'party-board:theme'
const ICONS = { auto: 'auto', light: 'sun', dark: 'moon' } as const

export function createThemeButton(root: HTMLElement, shelf: Shelf): HTMLButtonElement {
  const button = h('button', { class: 'icon-button', type: 'button' })
  let theme = THEMES.find((one) => one === shelf.getItem(KEY)) ?? 'auto'
  const apply = (): void => {
    setAttribute(root, 'data-theme', theme === 'auto' ? undefined : theme)
    button.replaceChildren(icon(ICONS[theme]))
    const words = `Colours: ${theme === 'auto' ? 'as the system' : theme}`
    setAttribute(button, 'aria-label', words)
    button.title = words
  }
  button.addEventListener('click', () => {
    theme = nextTheme(theme)
    shelf.setItem(KEY, theme)
    apply()
  })
  apply()
  return button
}

export const nextTheme = (theme: Theme): Theme =>
  THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto'

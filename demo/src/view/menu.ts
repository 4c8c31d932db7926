/**
 * Owns a small menu beside a button: arrows, first letters, Escape, and the focus goes back to where
 * it came from. Shown in the browser's top layer.
 */
import { h } from './h.js'

export interface MenuItem {
  readonly label: string
  readonly run: () => void
  readonly hint?: string
  readonly isDangerous?: boolean
  readonly isChecked?: boolean
}

export function openMenu(beside: HTMLElement, label: string, items: readonly MenuItem[]): void {
  const before = document.activeElement
  const buttons = items.map((item) =>
    h(
      'button',
      {
        class: 'menu-item',
        type: 'button',
        role: item.isChecked === undefined ? 'menuitem' : 'menuitemradio',
        'aria-checked': item.isChecked === undefined ? undefined : String(item.isChecked),
        tabindex: -1,
        'data-danger': item.isDangerous,
        on: {
          click: () => {
            close()
            item.run()
          },
        },
      },
      h('span', {}, item.label),
      item.hint !== undefined && h('kbd', {}, item.hint),
    ),
  )
  const focusAt = (index: number): void => buttons.at(index % buttons.length)?.focus()
  const menu = h(
    'div',
    {
      class: 'menu',
      role: 'menu',
      popover: 'manual',
      'data-keys': 'own',
      'aria-label': label,
      on: {
        keydown: (event) => {
          const at = buttons.indexOf(document.activeElement as HTMLButtonElement)
          if (event.key === 'ArrowDown') focusAt(at + 1)
          else if (event.key === 'ArrowUp') focusAt(at - 1)
          else if (event.key === 'Home') focusAt(0)
          else if (event.key === 'End') focusAt(-1)
          else if (event.key === 'Escape' || event.key === 'Tab') close()
          else if (event.key.length === 1 && event.key !== ' ') {
            const letter = event.key.toLowerCase()
            const rest = [...buttons.slice(at + 1), ...buttons]
            rest.find((button) => button.textContent?.toLowerCase().startsWith(letter))?.focus()
            return
          } else return
          event.preventDefault()
        },
      },
    },
    ...buttons,
  )
  const scope = new AbortController()
  const close = (): void => {
    if (!menu.isConnected) return
    scope.abort()
    menu.remove()
    if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
  }
  document.body.append(menu)
  menu.showPopover()
  placeBeside(menu, beside)
  focusAt(
    Math.max(
      0,
      items.findIndex(({ isChecked }) => isChecked),
    ),
  )
  const { signal } = scope
  document.addEventListener(
    'pointerdown',
    (event) => {
      if (event.target instanceof Node && !menu.contains(event.target)) close()
    },
    { signal, capture: true },
  )
  window.addEventListener('resize', close, { signal })
}

const MARGIN_PX = 8

function placeBeside(menu: HTMLElement, beside: HTMLElement): void {
  const anchor = beside.getBoundingClientRect()
  const { width, height } = menu.getBoundingClientRect()
  const left = Math.min(
    Math.max(MARGIN_PX, anchor.right - width),
    window.innerWidth - width - MARGIN_PX,
  )
  const below = anchor.bottom + 4
  const fits = below + height + MARGIN_PX <= window.innerHeight
  menu.style.left = `${left}px`
  menu.style.top = `${Math.max(MARGIN_PX, fits ? below : anchor.top - height - 4)}px`
}

/**
 * Owns the top of the page: whose board, who is on it, and the few buttons that are always there.
 */
import type { User } from '../users.js'
import { avatar } from './avatar.js'
import { h, setAttribute } from './h.js'
import { type IconName, icon } from './icons.js'

export interface PageHeader {
  readonly element: HTMLElement
  renderPeople(names: readonly string[]): void
}

export interface PageHeaderOptions {
  readonly board: string
  readonly user: User
  readonly themeButton: HTMLElement
  readonly onRing: () => void
  readonly onHelp: () => void
  readonly onUser: (beside: HTMLElement) => void
}

const FACES_MAX = 5

export function createPageHeader(options: PageHeaderOptions): PageHeader {
  const { board, user, themeButton, onRing, onHelp, onUser } = options
  const people = h('div', { class: 'people', role: 'img' })
  let shown = ''
  const userButton = h(
    'button',
    {
      class: 'user-button',
      type: 'button',
      'aria-haspopup': 'menu',
      'aria-label': `You are ${user.name}. Switch or sign out`,
      on: { click: () => onUser(userButton) },
    },
    avatar(user.name),
    h('span', {}, user.name),
  )
  const tool = (name: IconName, label: string, run: () => void): HTMLElement =>
    h(
      'button',
      {
        class: 'icon-button',
        type: 'button',
        'aria-label': label,
        title: label,
        on: { click: run },
      },
      icon(name),
    )
  const element = h(
    'header',
    { class: 'page-head' },
    h('img', { src: '/icon.svg', alt: '', width: 30, height: 30 }),
    h('h1', {}, titleOf(board)),
    people,
    h(
      'div',
      { class: 'page-tools' },
      tool('bell', 'Ring the bell', onRing),
      tool('help', 'Help', onHelp),
      themeButton,
      userButton,
    ),
  )
  return {
    element,
    renderPeople(names) {
      const others = names.filter((name) => name !== user.name)
      const next = others.join('\n')
      if (next === shown) return
      shown = next
      const rest = others.length - FACES_MAX
      people.hidden = others.length === 0
      setAttribute(people, 'aria-label', `Also here: ${others.join(', ')}`)
      people.replaceChildren(
        ...others.slice(0, FACES_MAX).map(avatar),
        ...(rest > 0 ? [h('span', { class: 'avatar', 'data-hue': 'none' }, `+${rest}`)] : []),
      )
    },
  }
}

/** "garden-party" → "Garden party" */
export function titleOf(board: string): string {
  const words = board.replaceAll('-', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

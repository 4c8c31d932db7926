/**
 * Owns the start of a page: which board the address names, who sits here, and the service worker.
 */
import { BOARD_PATTERN } from '../shared/commands.js'
import { createApp } from './app.js'
import { forgetBoards } from './board/board-cache.js'
import { realClock } from './clock.js'
import { createNotices } from './notices.js'
import { registerServiceWorker } from './register-service-worker.js'
import { createSeat } from './seat.js'
import { createUsers } from './users.js'
import { titleOf } from './view/page-header.js'
import { createThemeButton } from './view/theme.js'
import { createToasts } from './view/toasts.js'

const HOME = 'home'
/** A tab that is opened for a second person asks who that is. */
const NEWCOMER = '?newcomer'

const root = document.querySelector<HTMLElement>('#app') ?? document.body
const toasts = createToasts(realClock)
const notices = createNotices({
  system: 'Notification' in window ? Notification : undefined,
  isSeen: () => document.visibilityState === 'visible',
  showInPage: (text) => toasts.show({ text, isLasting: true }),
})
const themeButton = createThemeButton(document.documentElement, localStorage)
const board = boardOf(location.pathname)
const address = `/board/${board}`
const isNewcomer = location.search === NEWCOMER

document.body.append(toasts.element)
document.title = `${titleOf(board)} · Partyline`
if (location.pathname !== address || isNewcomer) history.replaceState(null, '', address)

createSeat({
  root,
  users: createUsers(localStorage, sessionStorage),
  toasts,
  notices,
  openApp: (user, events) =>
    createApp({ root, user, board, toasts, notices, themeButton, ...events }),
  onGone: ({ name }) => forgetBoards(localStorage, name),
  // Without an opener it begins with a sessionStorage of its own.
  openTab: () => void window.open(address + NEWCOMER, '_blank', 'noopener'),
}).open(isNewcomer)

if (import.meta.env.PROD) {
  registerServiceWorker('/service-worker.js', (reload) =>
    toasts.show({
      text: 'A new version of this board is ready.',
      act: { label: 'Reload to update', run: reload },
      isLasting: true,
    }),
  )
}

function boardOf(path: string): string {
  const name = /^\/board\/([^/]+)\/?$/.exec(path)?.[1] ?? HOME
  return BOARD_PATTERN.test(name) ? name : HOME
}

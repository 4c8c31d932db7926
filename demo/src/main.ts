/**
 * Owns the start of a page: which board the address names, who sits here, and the service worker.
 */
import { PartylineError } from 'partyline'
import { BOARD_PATTERN } from '../shared/commands.js'
import { type App, createApp } from './app.js'
import { realClock } from './clock.js'
import { registerServiceWorker } from './register-service-worker.js'
import { createUsers } from './users.js'
import { h } from './view/h.js'
import { openMenu } from './view/menu.js'
import { openNameDialog } from './view/name-dialog.js'
import { titleOf } from './view/page-header.js'
import { createThemeButton } from './view/theme.js'
import { createToasts } from './view/toasts.js'

const HOME = 'home'

const root = document.querySelector<HTMLElement>('#app') ?? document.body
const users = createUsers(localStorage, sessionStorage)
const toasts = createToasts(realClock)
const themeButton = createThemeButton(document.documentElement, localStorage)
const board = boardOf(location.pathname)
let app: App | undefined

document.body.append(toasts.element)
document.title = `${titleOf(board)} · Partyline`
if (location.pathname !== `/board/${board}`) history.replaceState(null, '', `/board/${board}`)

if (users.current) sitDown(users.current.name)
else openNameDialog({ isFirst: true }, sitDown)

if (import.meta.env.PROD) {
  registerServiceWorker('/service-worker.js', (reload) =>
    toasts.show({
      text: 'A new version of this board is ready.',
      act: { label: 'Reload to update', run: reload },
      isLasting: true,
    }),
  )
}

function sitDown(name: string): void {
  app?.close()
  app = undefined
  const user = users.become(name)
  try {
    app = createApp({ root, user, board, toasts, themeButton, onUserMenu: openUserMenu })
  } catch (error) {
    if (!(error instanceof PartylineError)) throw error
    root.replaceChildren(h('p', { class: 'sorry', role: 'alert' }, error.message))
  }
}

function openUserMenu(beside: HTMLElement): void {
  const current = users.current?.name
  openMenu(beside, 'Who is here', [
    ...users.known.map(({ name }) => ({
      label: name,
      isChecked: name === current,
      run: () => {
        if (name !== current) sitDown(name)
      },
    })),
    { label: 'Somebody else…', run: () => openNameDialog({ isFirst: false }, sitDown) },
  ])
}

function boardOf(path: string): string {
  const name = /^\/board\/([^/]+)\/?$/.exec(path)?.[1] ?? HOME
  return BOARD_PATTERN.test(name) ? name : HOME
}

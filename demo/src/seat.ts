/**
 * Owns who sits before this tab: coming, changing places, leaving (P13). Whoever leaves signs out, in
 * every tab, and nobody sits down before that is done; what is queued is asked about, never guessed.
 */
import { PartylineError } from 'partyline'
import type { App } from './app.js'
import type { Notices } from './notices.js'
import type { User, Users } from './users.js'
import { h } from './view/h.js'
import { type Fate, openLeaveDialog } from './view/leave-dialog.js'
import { openMenu } from './view/menu.js'
import { openNameDialog } from './view/name-dialog.js'
import type { Toasts } from './view/toasts.js'

export interface SeatOptions {
  readonly root: HTMLElement
  readonly users: Users
  readonly toasts: Toasts
  readonly notices: Pick<Notices, 'mayAsk' | 'ask'>
  readonly openApp: (user: User, events: SeatEvents) => App
  /** Removes what this app itself keeps of a person; the line removes its own. */
  readonly onGone: (user: User) => void
  readonly openTab: () => void
}

export interface SeatEvents {
  readonly onUserMenu: (beside: HTMLElement) => void
  /** Somebody signed this person out in another tab. */
  readonly onSignedOut: () => void
}

export interface Seat {
  /** Whoever was here before sits down again, unless a newcomer is expected. */
  open(isNewcomer: boolean): void
}

export function createSeat(options: SeatOptions): Seat {
  const { root, users, toasts, notices, openApp, onGone, openTab } = options
  let taken: { readonly app: App; readonly user: User } | undefined

  function sitDown(name: string): void {
    const user = users.become(name)
    try {
      taken = { user, app: openApp(user, { onUserMenu, onSignedOut }) }
    } catch (error) {
      if (!(error instanceof PartylineError)) throw error
      say(error.message, 'alert')
    }
  }

  const ask = (why?: string): void =>
    openNameDialog({ kind: 'first', ...(why !== undefined && { why }) }, sitDown)

  function vacate(): void {
    if (!taken) return
    const { app, user } = taken
    taken = undefined
    app.close()
    toasts.clear()
    onGone(user)
  }

  function leave(next: () => void): void {
    if (!taken) return next()
    const { app, user } = taken
    const entries = app.outbox
    if (entries.length > 0) {
      openLeaveDialog({ name: user.name, entries, onLeave: (fate) => void go(fate, next) })
      // Nothing is queued, as far as is known: a line that has said nothing yet may know better.
    } else void go(app.isHeard ? 'discard' : 'keep', next)
  }

  async function go(fate: Fate, next: () => void): Promise<void> {
    if (!taken) return
    const { app, user } = taken
    const isOver = app.signOut(fate)
    vacate()
    users.leave(user.name, { isForgotten: fate === 'discard' })
    say(`Signing ${user.name} out…`, 'status')
    try {
      await isOver
    } catch (error) {
      if (!(error instanceof PartylineError)) throw error
      const text = `${user.name} is signed out here, but not everything was tidied up. ${error.message}`
      toasts.show({ text, tone: 'bad', isLasting: true })
    }
    next()
  }

  function onSignedOut(): void {
    if (!taken) return
    const { user } = taken
    vacate()
    users.leave(user.name)
    // Whatever was open belonged to the person who left.
    for (const dialog of document.querySelectorAll('dialog')) dialog.close()
    ask(`${user.name} has signed out in another tab. Who is here now?`)
  }

  function onUserMenu(beside: HTMLElement): void {
    const current = taken?.user.name
    openMenu(beside, 'Who is here', [
      ...users.known.map(({ name }) => ({
        label: name,
        isChecked: name === current,
        run: () => {
          if (name !== current) leave(() => sitDown(name))
        },
      })),
      {
        label: 'Somebody else…',
        run: () => openNameDialog({ kind: 'switch' }, (name) => leave(() => sitDown(name))),
      },
      { label: 'A second person, in a new tab', run: openTab },
      ...(notices.mayAsk ? [{ label: 'Tell me when I look elsewhere', run: notices.ask }] : []),
      { label: 'Sign out', run: () => leave(() => ask()) },
    ])
  }

  function say(text: string, role: 'alert' | 'status'): void {
    root.replaceChildren(h('p', { class: 'sorry', role }, text))
  }

  return {
    open(isNewcomer) {
      const { current } = users
      if (current && !isNewcomer) sitDown(current.name)
      else ask()
    },
  }
}

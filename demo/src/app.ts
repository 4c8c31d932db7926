/**
 * Owns the composition: one person, one board, one line, and all the rooms of the page wired
 * together. The only file that knows all of them. Closing it leaves nothing behind, so that another
 * person can sit down (P13).
 */
import { type ErrorInfo, type OutboxEntry, PartylineError } from 'partyline'
import { COLUMN_NAMES, COLUMNS, peopleOn } from '../shared/board.js'
import { channelOf } from '../shared/commands.js'
import type { BoardEvent } from '../shared/events.js'
import { createActivity } from './board/activity.js'
import { createBell } from './board/bell.js'
import { createBoardActions } from './board/board-actions.js'
import { createBoardCache } from './board/board-cache.js'
import { createBoardFeed } from './board/board-feed.js'
import { createBoardStore } from './board/board-store.js'
import { describeCommand } from './board/describe-command.js'
import { fetchSnapshot } from './board/fetch-snapshot.js'
import { createNotifier } from './board/notifier.js'
import { realClock as clock } from './clock.js'
import { heirOf, nextFocus } from './input/focus-walk.js'
import { listenToKeys } from './keyboard.js'
import { openLine } from './line/open-line.js'
import type { Notices } from './notices.js'
import type { User } from './users.js'
import { createAnnouncer } from './view/announcer.js'
import { createBoardView } from './view/board-view.js'
import { openCardDialog } from './view/card-dialog.js'
import { createDrag } from './view/drag.js'
import { openHelpDialog } from './view/help-dialog.js'
import type { Fate } from './view/leave-dialog.js'
import { createLinePanel } from './view/line-panel.js'
import { openMenu } from './view/menu.js'
import { errorWords } from './view/outbox-words.js'
import { createPageHeader } from './view/page-header.js'
import { createRefusedStrip } from './view/refused-strip.js'
import { createStarter } from './view/starter.js'
import { createStatusBar } from './view/status-bar.js'
import type { Toasts } from './view/toasts.js'

export interface AppOptions {
  readonly root: HTMLElement
  readonly user: User
  readonly board: string
  readonly toasts: Toasts
  readonly notices: Notices
  readonly themeButton: HTMLElement
  readonly onUserMenu: (beside: HTMLElement) => void
  /** This person was signed out, and not by this tab. */
  readonly onSignedOut: () => void
}

export interface App {
  readonly outbox: readonly OutboxEntry[]
  /** The line has spoken: what the outbox shows is all there is. */
  readonly isHeard: boolean
  /** Ends this person's line in every tab; resolves when another may sit down. */
  signOut(outbox: Fate): Promise<void>
  close(): void
}

export function createApp(options: AppOptions): App {
  const { root, user, board, toasts, notices, themeButton, onUserMenu, onSignedOut } = options
  const line = openLine(user)
  const announcer = createAnnouncer()
  const channel = line.channel<BoardEvent>(channelOf(board))
  const feed = createBoardFeed({
    channel,
    cache: createBoardCache(localStorage, user.name, board),
    fetchSnapshot: (signal) => fetchSnapshot(board, signal),
    clock,
  })
  const cards = () => store.value.view.cards
  const store = createBoardStore({
    line,
    board,
    me: user.name,
    feed,
    clock,
    onRefused: (command, error) => tellRefusal(toasts, describeCommand(command, cards()), error),
    onTooLate: (command) =>
      toasts.show({ text: `${describeCommand(command, cards())}: the server was quicker.` }),
  })
  const activity = createActivity(channel)
  const notifier = createNotifier({ channel, me: user.name, cards, tell: notices.show })
  const bell = createBell({
    line,
    board,
    onRing: (by) =>
      toasts.show({ text: by === user.name ? 'You rang the bell.' : `${by} rings the bell.` }),
    onRefused: (error) => tellRefusal(toasts, 'Ring the bell', error),
  })
  const actions = createBoardActions({
    store,
    me: user.name,
    say: announcer.say,
    newId: () => crypto.randomUUID(),
    roll: Math.random,
    onRemoved: (title) =>
      toasts.show({ text: `Removed “${title}”.`, act: { label: 'Undo', run: actions.undo } }),
  })
  const outboxActions = {
    onRetry: (entry: OutboxEntry) => void line.outbox.retry(entry.key),
    onRetryAll: () => void line.outbox.retryAll(),
    onDiscard: (entry: OutboxEntry) => store.discard(entry.key),
  }

  const edit = (id: string): void => {
    const card = cards()[id]
    if (!card) return
    const people = new Set([user.name, ...peopleOn(feed.value.board)])
    openCardDialog(card, [...people], (change) => actions.edit(id, change))
  }
  const remove = (id: string): void => {
    const heir = heirOf(store.value.view, id)
    actions.remove(id)
    if (heir !== undefined) view.focus(heir)
  }
  const openCardMenu = (id: string, beside: HTMLElement): void => {
    const card = cards()[id]
    if (!card) return
    const refocus = (): void => queueMicrotask(() => view.focus(id))
    openMenu(beside, `Menu of ${card.title}`, [
      { label: 'Edit', hint: 'Enter', run: () => edit(id) },
      ...COLUMNS.filter((column) => column !== card.column).map((column) => ({
        label: `Move to ${COLUMN_NAMES[column]}`,
        run: () => {
          actions.moveTo(id, column, store.value.view.columns[column].length)
          refocus()
        },
      })),
      { label: 'Move up', hint: 'Alt ↑', run: () => actions.moveBy(id, 'up') },
      { label: 'Move down', hint: 'Alt ↓', run: () => actions.moveBy(id, 'down') },
      { label: 'Remove', hint: 'Delete', isDangerous: true, run: () => remove(id) },
    ])
  }

  const view = createBoardView({ onAdd: actions.add, onOpen: edit, onMenu: openCardMenu })
  const drag = createDrag(view.element, (card, { column, index }) =>
    actions.moveTo(card, column, index),
  )
  const header = createPageHeader({
    board,
    user,
    themeButton,
    onRing: bell.ring,
    onHelp: openHelpDialog,
    onUser: onUserMenu,
  })
  const starter = createStarter(actions.addSamples)
  const refused = createRefusedStrip({ outbox: line.outbox, cards, ...outboxActions })
  const panel = createLinePanel({
    line,
    clock,
    me: user.name,
    cards,
    activity,
    ...outboxActions,
    onOpenChange: (isOpen) => {
      bar.toggle.setAttribute('aria-expanded', String(isOpen))
      if (!isOpen) bar.toggle.focus()
    },
  })
  const bar = createStatusBar({
    line,
    clock,
    onToggle: () => panel.setOpen(!panel.isOpen),
    onReload: () => location.reload(),
  })
  root.replaceChildren(
    header.element,
    refused.element,
    starter.element,
    view.element,
    panel.element,
    bar.element,
    announcer.element,
  )

  const undoView = store.subscribe(({ view: picture, isKnown }) => {
    view.render(picture, isKnown)
    starter.render({ isKnown, isEmpty: Object.keys(picture.cards).length === 0 })
    header.renderPeople(peopleOn(feed.value.board))
  })
  const undoStatus = line.status.subscribe((status) => {
    if (status.state === 'online') feed.hurry()
    if (status.state === 'stopped' && status.error?.code === 'signed-out') onSignedOut()
  })
  const undoKeys = listenToKeys({
    focused: () => view.focused,
    focus: (direction) => {
      const next = nextFocus(store.value.view, view.focused, direction)
      if (next !== undefined) view.focus(next)
    },
    move: (card, direction) => {
      actions.moveBy(card, direction)
      view.focus(card)
    },
    add: () => view.compose(cards()[view.focused ?? '']?.column ?? 'todo'),
    edit,
    remove,
    menu: (card) => {
      const face = view.faceOf(card)
      if (face) openCardMenu(card, face)
    },
    undo: actions.undo,
    ring: bell.ring,
    help: openHelpDialog,
    details: () => panel.setOpen(!panel.isOpen),
  })
  /** A send is safe even now: what no worker has taken yet, the next page hands over. */
  const saveNow = (): void => {
    view.finish()
    feed.save()
  }
  window.addEventListener('pagehide', saveNow)

  return {
    get outbox() {
      return line.outbox.value
    },
    get isHeard() {
      const { state } = line.status.value
      return state !== 'connecting' && state !== 'stopped'
    },
    signOut: (outbox) => line.signOut({ outbox }),
    close() {
      window.removeEventListener('pagehide', saveNow)
      for (const undo of [undoKeys, undoStatus, undoView]) undo()
      for (const room of [drag, refused, panel, bar, bell, notifier, activity, store, feed])
        room.close()
      notices.clear()
      line.close()
      root.replaceChildren()
    },
  }
}

/** What a person took back needs no telling; a line that is over has nobody left to tell. */
function tellRefusal(toasts: Toasts, what: string, error: unknown): void {
  if (!(error instanceof PartylineError)) throw error
  const { code, details, message } = error
  if (code === 'closed' || code === 'signed-out') return
  if ('by' in details && details.by !== 'overflow') return
  const why = errorWords({ code, details, message } as ErrorInfo)
  toasts.show({ text: `${what}: ${why}`, tone: 'bad' })
}

/**
 * Owns the composition: one person, one board, one line, and all the rooms of the page wired
 * together. The only file that knows all of them. Closing it leaves nothing behind, so that another
 * person can sit down (P13).
 */
import { type OutboxEntry, PartylineError } from 'partyline'
import { COLUMN_NAMES, COLUMNS, peopleOn } from '../shared/board.js'
import { channelOf } from '../shared/commands.js'
import type { BoardEvent } from '../shared/events.js'
import { createBoardActions } from './board/board-actions.js'
import { createBoardCache } from './board/board-cache.js'
import { createBoardFeed } from './board/board-feed.js'
import { createBoardStore } from './board/board-store.js'
import { describeCommand } from './board/describe-command.js'
import { fetchSnapshot } from './board/fetch-snapshot.js'

import { realClock as clock } from './clock.js'
import { heirOf, nextFocus } from './input/focus-walk.js'
import { listenToKeys } from './keyboard.js'
import { openLine } from './line/open-line.js'
import type { User } from './users.js'
import { createAnnouncer } from './view/announcer.js'
import { createBoardView } from './view/board-view.js'
import { openCardDialog } from './view/card-dialog.js'
import { createDrag } from './view/drag.js'
import { openHelpDialog } from './view/help-dialog.js'
import { createLinePanel } from './view/line-panel.js'
import { openMenu } from './view/menu.js'
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
  readonly themeButton: HTMLElement
  readonly onUserMenu: (beside: HTMLElement) => void
}

export interface App {
  close(): void
}

export function createApp({ root, user, board, toasts, themeButton, onUserMenu }: AppOptions): App {
  const line = openLine(user)
  const announcer = createAnnouncer()
  const feed = createBoardFeed({
    channel: line.channel<BoardEvent>(channelOf(board)),
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
  const undoHurry = line.status.subscribe(({ state }) => {
    if (state === 'online') feed.hurry()
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
    help: openHelpDialog,
    details: () => panel.setOpen(!panel.isOpen),
  })
  const saveNow = (): void => feed.save()
  window.addEventListener('pagehide', saveNow)

  return {
    close() {
      window.removeEventListener('pagehide', saveNow)
      for (const undo of [undoKeys, undoHurry, undoView]) undo()
      for (const room of [drag, refused, panel, bar, store, feed]) room.close()
      line.close()
      root.replaceChildren()
    },
  }
}

/** What was discarded was discarded by somebody; a closed line has nobody left to tell. */
function tellRefusal(toasts: Toasts, what: string, error: unknown): void {
  if (!(error instanceof PartylineError)) throw error
  const { code, details, message } = error
  if (code === 'discarded' || code === 'closed') return
  // In the server's own words where it gave any.
  const why = 'why' in details ? details.why : undefined
  toasts.show({ text: `${what}: ${why ?? message}`, tone: 'bad' })
}

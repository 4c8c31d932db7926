/**
 * Owns the list of what happened lately: who, what, how long ago.
 */
import type { Board } from '../../shared/board.js'
import type { BoardEvent } from '../../shared/events.js'
import { describeEvent } from '../board/describe-event.js'
import { avatar } from './avatar.js'
import { h, setText } from './h.js'
import { agoWords } from './status-words.js'

export interface ActivityList {
  readonly element: HTMLElement
  render(events: readonly BoardEvent[], now: number): void
}

/** More is in memory, for those that scroll past nobody. */
const SHOWN = 8

export function createActivityList(cards: () => Board['cards']): ActivityList {
  const list = h('ul', { class: 'activity', role: 'list' })
  const empty = h('p', { class: 'outbox-empty' }, 'Nothing has happened since this browser came.')

  function make({ by }: BoardEvent): HTMLElement {
    const what = h('span', { class: 'activity-what' })
    const when = h('span', { class: 'activity-when' })
    return h('li', { class: 'activity-entry', 'data-by': by }, avatar(by), what, when)
  }

  return {
    element: h('div', {}, list, empty),
    render(events, now) {
      const shown = events.slice(0, SHOWN)
      for (const [index, event] of shown.entries()) {
        const here = list.children[index]
        const row = here instanceof HTMLElement && here.dataset.by === event.by ? here : make(event)
        if (row !== here) here ? here.replaceWith(row) : list.append(row)
        const [, what, when] = row.children
        if (what) setText(what, `${event.by} ${describeEvent(event, cards())}`)
        if (when) setText(when, agoWords(now - event.at))
      }
      for (const old of [...list.children].slice(shown.length)) old.remove()
      empty.hidden = shown.length > 0
    },
  }
}

/**
 * Owns what a page can know of a sign-out that nobody has told it of (P13): one that lay in the
 * back/forward cache, or had no broker, would bring the line of the old user back to life, and what
 * it had sent with it. Each sign-out leaves another mark in localStorage; a page compares it with the
 * one that was there when it began, and so does the broker that signs out with those whose hello comes
 * late. So there is always one: the first page makes it. It is no secret and no setting, and removing it
 * does no harm; but whoever signs out wants no trace, so its name does not say whose it is.
 */
import { uuidv7 } from '../protocol/ids.js'
import type { PageEnvironment } from './environment.js'
import { guarded } from './guarded.js'
import type { Fate } from './sign-out.js'

export interface SignOutMark {
  /** The one that was there when this page began; empty where there is no localStorage. */
  readonly before: string
  /** What becomes of the outbox, if the identity was signed out since this page began. Discarded once is for good. */
  readonly fate: Fate | undefined
  set(fate: Fate): void
  /** Whether this is its name in localStorage. */
  isMark(name: string): boolean
}

export function createSignOutMark(
  { boat, wall, random }: Pick<PageEnvironment, 'boat' | 'wall' | 'random'>,
  lineName: string,
): SignOutMark {
  const own = `partyline:signed-out:${digest(lineName)}`
  /** Where there is no localStorage there is no lifeboat either, and the broker has to tell. */
  const quietly = (run: () => void): void => guarded(run, () => {})

  function read(): string {
    let mark = ''
    quietly(() => {
      mark = boat?.getItem(own) ?? ''
    })
    return mark
  }

  const write = (mark: string): void => quietly(() => boat?.setItem(own, mark))

  if (!read()) write(`none ${wall()}`)
  const before = read()
  let seen: Fate | undefined
  return {
    before,
    get fate() {
      const mark = read()
      const fate = mark === before ? '' : mark.split(' ')[0]
      // Else what is sent here after another sign-out would be kept, and go before the rest (P4).
      if (seen !== 'discard' && (fate === 'discard' || fate === 'keep')) seen = fate
      return seen
    },
    set: (fate) => write(`${fate} ${uuidv7(wall(), random)}`),
    isMark: (name) => name === own,
  }
}

/** FNV-1a. Two lines with one digest would sign each other's pages out: one in four thousand million. */
function digest(text: string): string {
  let hash = 0x811c9dc5
  for (const character of text) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  }
  return (hash >>> 0).toString(36)
}

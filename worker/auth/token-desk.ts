/**
 * Owns whom this broker asks for a token, and that it asks once for all (F43): a visible tab first, of
 * several the latest comer, and last what the worker can ask by itself. Who has been silent is asked last
 * of the tabs from then on (P12).
 *
 * A stay on the line that is over takes its question with it: an answer that was meant for whoever has
 * signed out reaches nobody who signs in next (P13, F24).
 */
import type { TokenReply } from '../../protocol/port.js'
import type { Clock } from '../clock.js'
import type { Tab } from '../tabs/tab.js'
import { askForToken, type TokenQuestion, type TokenSource } from './token-question.js'

/** Where a line gets its tokens. */
export interface Tokens {
  /** If nobody has tokens at all, cookies may say who we are. */
  readonly isNeeded: boolean
  ask(): Promise<TokenReply>
}

export interface TokenDesk extends Tokens {
  /** A tab with tokens is here: from now on nothing goes to the server without one. */
  expect(): void
  forget(): void
}

export interface TokenDeskOptions {
  readonly clock: Pick<Clock, 'after'>
  /** In the order of their coming. */
  tabs(): readonly Pick<Tab, 'hasAuth' | 'isVisible' | 'token'>[]
  /** The worker's own source, if it has one. */
  own(): TokenSource | undefined
}

export function createTokenDesk({ clock, tabs, own }: TokenDeskOptions): TokenDesk {
  const silent = new WeakSet<TokenSource>()
  let question: TokenQuestion | undefined
  let isExpected = false

  function sources(): readonly TokenSource[] {
    const latestFirst = tabs()
      .filter(({ hasAuth }) => hasAuth)
      .reverse()
    const rank = (tab: Pick<Tab, 'isVisible' | 'token'>): number =>
      2 * Number(silent.has(tab)) + Number(!tab.isVisible)
    const inOrder = latestFirst.sort((a, b) => rank(a) - rank(b))
    return [...inOrder, own() ?? []].flat()
  }

  function ask(): TokenQuestion {
    const asked = askForToken({ clock, sources: sources(), silent })
    void asked.answer.then(() => {
      if (question === asked) question = undefined
    })
    return asked
  }

  return {
    get isNeeded() {
      return isExpected || own() !== undefined
    },
    ask() {
      if (question) question.add(sources())
      else question = ask()
      return question.answer
    },
    expect() {
      isExpected = true
    },
    forget() {
      isExpected = false
      question?.drop()
      question = undefined
    },
  }
}

/**
 * Owns who leads where there is no SharedWorker: whoever holds the leader lock of the line. To wait for
 * it is what a follower does, and no failure (F11); who dies, or leaves, is followed by the next one in
 * the queue.
 *
 * A browser slows hidden tabs down and in the end freezes them, so the line belongs into a visible one
 * (F13). It moves by one rule: a tab that has been visible for ten seconds claims it, and a leader
 * that nobody sees then makes room. Ten seconds outlast somebody who flips through his tabs and are
 * short against the minutes after which hidden tabs are slowed; a visible leader stays, so two visible
 * tabs cannot play ball. The timer runs where it is exact: in the tab that is seen (F45).
 *
 * In the queue the hidden ones stand behind the visible ones, so that a tab that is seen follows at once
 * on a leader that goes; and all of them behind whoever claims.
 */
import type { HubWord } from '../../protocol/hub.js'

/** The leading of one tab, from when it is elected. */
export interface Reign {
  /** Lets what is under way come to its end; resolves when the line is free. */
  retire(): Promise<void>
  /** The same with no time left. */
  end(): void
}

export interface ElectionOptions {
  readonly isVisible: boolean
  after(ms: number, run: () => void): () => void
  /** Calls `run` once the leader lock is held, and `onLost` if it is taken then; returns its own undo. */
  queue(run: () => void, onLost: () => void): () => void
  say(word: HubWord): void
  /** Undefined: this tab cannot lead. */
  lead(): Reign | undefined
}

export interface Election {
  heard(word: HubWord): void
  seen(isVisible: boolean): void
  /** Gives the lead or the place in the queue away; resolves when it is given. */
  leave(): Promise<void>
  /** The same with no time left. */
  end(): void
}

export const CLAIM_AFTER_MS = 10_000

export function createElection(options: ElectionOptions): Election {
  const { say } = options
  let { isVisible } = options
  let reign: Reign | undefined
  let retiring: Promise<void> | undefined
  let stopClaim = (): void => {}
  let giveUp = (): void => {}
  let isOver = false

  function stand(): void {
    giveUp = options.queue(
      () => {
        reign = options.lead()
        // Somebody else may be able to.
        if (!reign) giveUp()
        else if (!isVisible) say({ kind: 'hidden' })
      },
      () => void makeRoom(),
    )
  }

  function retire(): Promise<void> {
    // In one turn where nothing has to end: else the lock might come in between.
    if (!reign) giveUp()
    else {
      retiring ??= reign.retire().then(() => {
        reign = undefined
        retiring = undefined
        giveUp()
      })
    }
    return retiring ?? Promise.resolve()
  }

  async function makeRoom(): Promise<void> {
    // Two tabs have claimed.
    if (retiring) return
    if (reign) await retire()
    else giveUp()
    if (!isOver) stand()
  }

  function showUp(): void {
    if (isVisible) say({ kind: 'shown' })
    claimLater()
  }

  function claimLater(): void {
    stopClaim()
    if (!isVisible || isOver) return
    stopClaim = options.after(CLAIM_AFTER_MS, () => reign || say({ kind: 'claim', by: 'tab' }))
  }

  stand()
  showUp()

  return {
    heard(word) {
      if (word.kind === 'claim') {
        if (!isVisible || word.by !== 'tab') void makeRoom()
      } else if (word.kind === 'shown') {
        if (!isVisible && !reign) void makeRoom()
      } else if (word.kind === 'here' || word.kind === 'hidden') claimLater()
    },
    seen(now) {
      isVisible = now
      showUp()
      if (!isVisible && reign) say({ kind: 'hidden' })
      else if (!isVisible) void makeRoom()
    },
    leave() {
      isOver = true
      stopClaim()
      return retire()
    },
    end() {
      isOver = true
      stopClaim()
      reign?.end()
      giveUp()
    },
  }
}

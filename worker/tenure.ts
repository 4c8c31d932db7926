/**
 * Owns for how long a broker keeps the line (P1): from its turn at the lock until nobody needs it.
 *
 * With a tab it stays. Without one it finishes what is queued and lingers a little, so that a reload
 * finds its socket open; but if another broker waits it goes at once: the disk keeps what is queued,
 * and the other one sends it. A worker with an extended lifetime would otherwise keep the next page
 * waiting for minutes. Where a page has a broker of its own no reload comes back to it: it does not
 * linger, because in the back/forward cache (F14) it stands still, and its socket would stay open.
 *
 * Two brokers of a line, each with tabs, are two versions of the worker, or one that was made twice with
 * different options (F8, F9). One has the line, and the tabs of the other are served by it, over the hub:
 * none of them waits. Which one, is a question of rank (rank.ts); a later one gets the line, tabs or not.
 * For a later generation the tabs go to its own worker, one place where all meet again (P12).
 */
import type { OpenBroadcast } from '../protocol/hub.js'
import { lineLockName } from '../protocol/line-name.js'
import type { Host } from '../protocol/status.js'
import type { Clock } from './clock.js'
import { compareRanks, type Rank } from './rank.js'
import type { Locks } from './tabs/locks.js'

export interface TenureOptions {
  readonly clock: Clock
  readonly host?: Host
  readonly line: string
  readonly rank: Rank
  readonly locks: Locks | null
  readonly openBus: OpenBroadcast | null
  /** We still wait: whoever has the line may hang. */
  onLate(): void
  /** Nobody needs this broker any more. */
  onOver(): void
  /** The line is somebody else's, or is to be. */
  onReplaced(): void
  /**
   * The same, and its tabs reach him over the hub. Absent: ours come over the hub themselves, where
   * another way is found to whoever serves it.
   */
  readonly onElsewhere?: (() => void) | undefined
}

/** What brokers of one line say to each other. */
interface Word {
  readonly kind: 'waiting' | 'held'
  readonly rank: Rank
}

export interface Tenure {
  /** Resolves when the line is ours. */
  begin(): Promise<void>
  /** Says to all others who waits for it. */
  announce(): void
  /** Who is there, and how much waits: said again whenever it changes. */
  consider(needs: { readonly tabs: number; readonly queued: number }): void
  /** Nothing is decided, said or heard any more; what it returns gives the line back. */
  end(): () => void
}

const LINGER_MS = 10_000
/** Message and lock travel by different ways: whoever took the lock in between has not heard it. */
const SAY_AGAIN_MS = 1_000

export function createTenure(options: TenureOptions): Tenure {
  const { clock, host, line, rank, locks, openBus, onOver, onElsewhere } = options
  let needs = { tabs: 1, queued: 0 }
  let isAwaited = false
  let hasLingered = false
  let stopLinger = (): void => {}
  let stopSaying = (): void => {}
  let release: (() => void) | undefined
  let isOver = false
  let begun = (): void => {}
  const queueing = new AbortController()

  const bus = openBus?.(line, (message) => {
    const { kind, rank: theirs } = message as Word
    isAwaited ||= kind === 'waiting'
    const order = compareRanks(theirs, rank)
    // Without locks nobody can tell a tab where to go.
    if (!locks) decide()
    else if (theirs.generation > rank.generation) replaced()
    else if (theirs.generation < rank.generation) announce()
    else if (!onElsewhere) decide()
    else if (order > 0 || (order === 0 && kind === 'held' && !release)) isOver || onElsewhere()
    else if (kind === 'held') announce()
    else keep()
  })
  const say = (kind: Word['kind']): void => bus?.post({ kind, rank } satisfies Word)
  const announce = (): void => say('waiting')

  /** Nobody waits for longer but behind somebody who is slow, or hangs. */
  function sayAgain(): void {
    stopSaying = clock.after(SAY_AGAIN_MS, () => {
      announce()
      options.onLate()
      sayAgain()
    })
  }

  /** Somebody waits who does not go first. */
  function keep(): void {
    decide()
    if (release && !isOver) say('held')
  }

  function replaced(): void {
    if (!isOver) options.onReplaced()
  }

  function decide(): void {
    if (!release || isOver || needs.tabs > 0) return
    const isDue = hasLingered || host === 'page'
    if (isAwaited || (isDue && needs.queued === 0)) onOver()
  }

  function granted(letGo: () => void): void {
    if (isOver) return letGo()
    release = letGo
    stopSaying()
    begun()
    if (isAwaited && onElsewhere) say('held')
  }

  return {
    async begin() {
      // Said before the wait; whoever holds the line remembers it.
      announce()
      sayAgain()
      const ours = new Promise<void>((resolve) => {
        begun = resolve
      })
      if (!locks) granted(() => {})
      else {
        const turn = locks.hold(lineLockName(line), replaced, queueing)
        turn.then(granted, () => granted(() => {}))
      }
      await ours
    },
    announce,
    consider(now) {
      const wasAlone = needs.tabs === 0
      needs = now
      if (now.tabs > 0) {
        stopLinger()
        hasLingered = false
      } else if (!wasAlone) {
        stopLinger = clock.after(LINGER_MS, () => {
          hasLingered = true
          decide()
        })
      }
      decide()
    },
    end() {
      isOver = true
      // Should we hang, the line would come to us, and nothing of us be there to be judged (P12).
      queueing.abort()
      stopSaying()
      stopLinger()
      bus?.close()
      return () => release?.()
    },
  }
}

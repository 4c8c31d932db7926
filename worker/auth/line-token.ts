/**
 * Owns the token of one line: which one is known, and how the server gets a fresher one – with a hello,
 * on the connection before the old one ends, or after a refusal. In memory alone, never on disk. It does
 * not know whom to ask.
 *
 * `undefined` is the app's word that there is no token. `null` means that nobody could say, which is
 * asked again; until somebody has said, there is no hello, or an operation might take effect in the name
 * of nobody (P13).
 */
import type { TokenReply } from '../../protocol/port.js'
import type { Clock, Random } from '../clock.js'
import { retryDelay } from '../connection/backoff.js'
import type { TokenAsker } from '../connection/state.js'
import type { Timing } from '../connection/timing.js'
import { createEfforts, type Effort } from './effort.js'
import type { Tokens } from './token-desk.js'

export interface LineTokenOptions {
  readonly clock: Clock
  readonly random: Random
  readonly timing: Timing
  readonly tokens: Tokens
  /** Sends it on the connection that there is. */
  show(token: string): void
}

export interface LineToken {
  /** What a hello says of who we are; undefined: nobody could say. */
  forHello(): Promise<{ readonly auth?: string } | undefined>
  /** The server has let us in with what our hello said. */
  accepted(): void
  /** We were refused: resolves with whether there is something else to try. */
  renewed(by: TokenAsker): Promise<boolean>
  /** The server wants a fresher one, and so many milliseconds may be spent to get it. */
  refresh(within?: number): Promise<void>
  /** The connection is gone: what was to be shown on it goes with the next hello. */
  lost(): void
  close(): void
}

/** Below the ten seconds after which a server gives up waiting for a hello. */
const HELLO_MS = 8_000

export function createLineToken(options: LineTokenOptions): LineToken {
  const { clock, random, timing, tokens } = options
  const renewals = createEfforts(clock)
  const refreshes = createEfforts(clock)
  let known: string | undefined
  /** What a renewal has brought is for the next hello: nobody is asked twice for it. */
  let inHand: string | undefined
  let hasSaid = false
  let wasAccepted = false

  function inTime(asked: Promise<TokenReply>): Promise<TokenReply> {
    return new Promise((resolve) => {
      const stop = clock.after(HELLO_MS, () => resolve(null))
      void asked.then(resolve).finally(stop)
    })
  }

  /** Whether the server has seen another one by now; the same would only make it ask again. */
  async function showAnother(stale: string | undefined, effort?: Effort): Promise<boolean> {
    const fresh = await tokens.ask()
    // The connection went meanwhile: it goes with the next hello.
    if (effort?.isOver) return true
    if (typeof fresh === 'string' && fresh !== known) {
      known = fresh
      options.show(fresh)
    }
    return known !== stale
  }

  const delay = (attempt: number): number => retryDelay(attempt + 1, random(), timing)

  return {
    async forHello() {
      const held = inHand
      inHand = undefined
      const fresh = held ?? (tokens.isNeeded ? await inTime(tokens.ask()) : undefined)
      known = fresh ?? known
      // Where nobody is left who could say, the last word holds.
      hasSaid ||= fresh !== null
      if (known !== undefined) return { auth: known }
      return hasSaid ? {} : undefined
    },

    accepted() {
      wasAccepted = true
      // Found for an attempt that was not needed: by the next one it may be an old one.
      inHand = undefined
    },

    async renewed(by) {
      const wasGood = wasAccepted
      wasAccepted = false
      // Nobody can see whether a cookie is another one: one that was good before, or when somebody comes
      // who may have signed in, is worth a try.
      if (!tokens.isNeeded) return wasGood || by === 'somebody'
      const effort = renewals.begin()
      for (let attempt = 1; !effort.isOver; attempt++) {
        const fresh = await tokens.ask()
        if (fresh !== null) {
          inHand = fresh === known ? undefined : fresh
          // The first word lets a hello go, even if it is that there is no token.
          return inHand !== undefined || !hasSaid
        }
        if (!effort.isOver) await effort.wait(delay(attempt))
      }
      return false
    },

    async refresh(within = 0) {
      if (!tokens.isNeeded) return
      const until = clock.now() + within
      const stale = known
      // The server says when again; an effort that is under way goes on beside it.
      if (!within) return void (await showAnother(stale))
      const effort = refreshes.begin()
      for (let attempt = 1; !(await showAnother(stale, effort)); attempt++) {
        const ms = delay(attempt)
        if (clock.now() + ms >= until) return
        await effort.wait(ms)
        if (effort.isOver) return
      }
    },

    lost: refreshes.stop,
    close() {
      renewals.stop()
      refreshes.stop()
    },
  }
}

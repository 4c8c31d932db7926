/**
 * Owns the asking of the broker to sign this identity out (P13): said again to every broker that
 * appears until one has answered, and bounded, because the app waits for it before it goes on (P12).
 * And what is done about one that another page has asked for, and our broker may not have heard of.
 */
import { type ErrorInfo, PartylineError } from '../protocol/errors.js'
import type { PageEnvironment } from './environment.js'
import type { RemoteBroker } from './remote-broker.js'
import { quietly, type Resolvers } from './resolvers.js'
import type { SignOutMark } from './sign-out-mark.js'

export type Fate = 'discard' | 'keep'

export interface SignOut {
  readonly isAsked: boolean
  /** It was done while this page was in the back/forward cache, or under a broker before its own. */
  readonly isMissed: boolean
  /** Resolves when the broker has done it. */
  ask(outbox: Fate): Promise<void>
  attached(broker: RemoteBroker): void
  /** There is no broker, or none that answers. */
  failed(error: ErrorInfo): void
  /** Another page has written this to localStorage. */
  heard(name: string): void
}

export interface SignOutOptions {
  readonly environment: Pick<PageEnvironment, 'after'>
  readonly silent: ErrorInfo
  broker(): RemoteBroker | undefined
  attach(): void
  onOver(outbox: Fate): void
  /** Another page has asked for it long ago, and should our broker have done it, we would know. */
  onMissed(): void
  /** Each page has a broker of its own: none tells it what another page has done. */
  isAlone(): boolean
  readonly mark: Pick<SignOutMark, 'before' | 'fate' | 'isMark'>
}

const DEADLINE_MS = 10_000

export function createSignOut(options: SignOutOptions): SignOut {
  let asked: { readonly outbox: Fate; readonly over: Resolvers<void> } | undefined
  let stopDeadline = (): void => {}

  function attached(broker: RemoteBroker): void {
    if (asked) broker.signOut(asked.outbox, options.mark.before).then(answered, () => {})
  }

  function answered(error: ErrorInfo | undefined): void {
    if (error?.code !== 'signed-out') end(error)
    // Another tab was first, perhaps with the other fate: once more, where the line begins anew.
    else if (asked) options.attach()
  }

  function end(error: ErrorInfo | undefined): void {
    if (!asked) return
    const { outbox, over } = asked
    asked = undefined
    stopDeadline()
    options.onOver(outbox)
    if (error) over.reject(new PartylineError(error))
    else over.resolve()
  }

  function ask(outbox: Fate): Promise<void> {
    if (asked) {
      const { promise } = asked.over
      return asked.outbox === outbox ? promise : promise.then(() => ask(outbox))
    }
    const over = quietly<void>()
    asked = { outbox, over }
    stopDeadline = options.environment.after(DEADLINE_MS, () => end(options.silent))
    const broker = options.broker()
    if (broker) attached(broker)
    else options.attach()
    return over.promise
  }

  return {
    get isAsked() {
      return asked !== undefined
    },
    get isMissed() {
      return !asked && options.mark.fate !== undefined
    },
    ask,
    attached,
    failed: end,
    heard(name) {
      const { fate, isMark } = options.mark
      if (!isMark(name) || !fate) return
      if (options.isAlone()) void options.broker()?.signOut(fate)
      options.environment.after(DEADLINE_MS, options.onMissed)
    },
  }
}

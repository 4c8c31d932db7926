/**
 * Owns one port's side of the conversation: from the page's hello to its goodbye or its death, what
 * it asks is passed to the line, in order, and what it holds is given back when it goes (P12).
 */
import type { ErrorInfo } from '../../protocol/errors.js'
import type { InstanceId } from '../../protocol/ids.js'
import type { BrokerSurface, Hello, News, Subscription } from '../../protocol/port.js'
import { brokerError } from '../../protocol/sentences.js'
import { badFrom, badHistory, badName } from '../names.js'
import type { Residence } from '../residence.js'
import { storageError } from '../storage/storage-error.js'
import { createErrands, type Errands, replyAfter, takeUp } from './errands.js'
import { createTab, type RemoteTab, type Tab } from './tab.js'

/** A tab that is attached, as the broker sees it. */
export interface Seat {
  readonly tab: Tab
  /** Its lock is free: the tab is gone. */
  died(): void
  /** Its identity was signed out: what it still asks is refused, whoever signs in next (F24). */
  signedOut(): void
}

/** A subscription of the tab, as long as the tab is here. */
interface Held {
  end(): void
  hush(): void
}

export interface DeskOptions {
  instance(): InstanceId
  readonly page: RemoteTab
  readonly residence: Pick<Residence, 'line' | 'withLine' | 'signOut'>
  /** Why this page cannot be served, if it cannot. */
  refuse(hello: Hello): ErrorInfo | undefined
  /** The lock by which our life is known, when others can see it. */
  life(): Promise<string | undefined>
  /** The tab is one of ours now; returns what ends watching over its life. */
  admit(seat: Seat, hello: Hello): () => void
  dismiss(seat: Seat): void
  /** It left because its identity had been signed out, perhaps not by us. */
  abandoned(tab: Tab, fate: 'discard' | 'keep'): void
  /** Somebody can see this tab now, or cannot any more. */
  onVisible(): void
  /** The page will not come back to this port. */
  hangUp(): void
}

export function createDesk(options: DeskOptions): BrokerSurface {
  const { page, residence } = options
  const { withLine } = residence
  let seat: Seat | undefined
  let errands: Errands | undefined
  let refusal: ErrorInfo | undefined
  let stopWatching = (): void => {}
  const subscriptions = new Map<number, Held>()

  function leave(how: 'left' | 'died' = 'left'): void {
    const gone = seat
    seat = undefined
    if (!gone) return
    stopWatching()
    gone.tab.close()
    errands?.close(how)
    errands = undefined
    withLine(() => {
      for (const { end } of subscriptions.values()) end()
      subscriptions.clear()
    })
    options.dismiss(gone)
  }

  function subscribe(subscription: Subscription): void {
    const own = seat
    const { id, channel, from, history } = subscription
    const error = badName('channel', channel) ?? badFrom(from) ?? badHistory(history)
    if (error) return own?.tab.push({ kind: 'denied', subscriptions: [id], error })
    withLine(({ channels }) => {
      if (!own || own !== seat || subscriptions.has(id)) return
      const subscriber = channels.subscribe(subscription, own.tab)
      subscriptions.set(id, {
        end: () => channels.unsubscribe(subscriber),
        hush: () => channels.hush(subscriber),
      })
    })
  }

  const wholeOutbox = (): News =>
    residence.line?.outbox.ledger.whole() ?? { kind: 'outbox', whole: true, put: [], removed: [] }
  const wholeParked = (): News =>
    residence.line?.consumers.wholeParked() ?? { kind: 'parked', whole: true, put: [], removed: [] }

  return {
    async hello(hello) {
      refusal = options.refuse(hello)
      if (refusal) return { ok: false, error: refusal }
      leave()
      const instance = options.instance()
      const { tab: id, isVisible, hasAuth = false } = hello
      const tab = createTab({ id, instance, page, isVisible, hasAuth, wholeOutbox, wholeParked })
      const own: Seat = {
        tab,
        died() {
          if (seat !== own) return
          leave('died')
          options.hangUp()
        },
        signedOut() {
          if (seat === own) refusal = brokerError('signed-out', {})
        },
      }
      seat = own
      stopWatching = options.admit(own, hello)
      withLine(() => {
        tab.push(wholeOutbox())
        tab.push(wholeParked())
      })
      for (const subscription of hello.subscriptions) subscribe(subscription)
      errands = createErrands({ tab, residence })
      takeUp(errands, hello)
      const life = await options.life()
      return { ok: true, instance, ...(life !== undefined && { life }) }
    },
    ping: options.instance,

    goodbye(fate) {
      const tab = seat?.tab
      leave()
      if (tab && fate) options.abandoned(tab, fate)
      options.hangUp()
    },

    send(operation) {
      // It follows a hello that has not been answered yet, and may be meant for another line (P13).
      if (refusal) return Promise.resolve(refusal)
      return new Promise((resolve) => {
        const awaited = seat?.tab.awaited
        awaited?.add(operation.key)
        withLine(({ outbox }) => {
          if (refusal) return resolve(refusal)
          outbox.add(operation).then(
            (error) => {
              if (error) awaited?.delete(operation.key)
              resolve(error)
            },
            (reason) => resolve(storageError(reason)),
          )
        })
      })
    },

    subscribe(subscription) {
      if (!refusal) subscribe(subscription)
    },

    unsubscribe(id) {
      withLine(() => {
        subscriptions.get(id)?.end()
        subscriptions.delete(id)
      })
    },
    hush: (id) => withLine(() => subscriptions.get(id)?.hush()),

    consume(consumption) {
      if (!refusal) errands?.consume(consumption)
    },
    stopConsuming: (id) => errands?.stopConsuming(id),
    handled: (...how) => errands?.handled(...how),
    unpark: (key) => (!refusal && residence.line?.consumers.unpark(key)) || false,
    discardParked: (key) => (!refusal && residence.line?.consumers.discardParked(key)) || false,
    visible(isVisible) {
      if (!seat) return
      seat.tab.isVisible = isVisible
      options.onVisible()
    },

    async request(id, request) {
      if (refusal) return { ok: false, error: refusal }
      const reply = await errands?.request(id, request)
      return replyAfter(reply ?? { ok: false, error: brokerError('offline', {}) }, refusal)
    },
    cancel: (id) => errands?.cancel(id),
    signal(channel, payload) {
      if (!refusal) errands?.signal(channel, payload)
    },
    listen(channel, isOn) {
      if (!refusal) errands?.listen(channel, isOn)
    },
    presence(channel, wish) {
      if (!refusal) errands?.presence(channel, wish)
    },

    retry: (key) => (!refusal && residence.line?.outbox.retry(key)) || false,
    discard: (key) =>
      new Promise((resolve) => {
        if (refusal) return resolve(false)
        withLine(({ outbox }) => resolve(!refusal && outbox.discard(key)))
      }),
    retryAll: () => (!refusal && residence.line?.outbox.retryAll()) || 0,
    async signOut(outbox, mark) {
      if (refusal) return refusal
      const own = seat
      const error = await residence.signOut(outbox, mark, () => seat === own)
      // The page leaves with the answer: before that it learns what became of what it had sent (P5).
      await own?.tab.idle()
      return error
    },
    pause() {
      if (!refusal) withLine(({ connection }) => connection.pause('user'))
    },
    resume() {
      if (!refusal) withLine(({ connection }) => connection.resume('user'))
    },
    reconnect: () => withLine(({ connection }) => connection.reconnect()),
    suspect: (why) => withLine(({ connection }) => connection.suspect(why)),
  }
}

/**
 * Owns one port's side of the conversation: from the page's hello to its goodbye or its death, what
 * it asks is passed to the line, in order, and what it holds is given back when it goes (P12).
 */
import type { ErrorInfo } from '../../protocol/errors.js'
import type { InstanceId } from '../../protocol/ids.js'
import type { BrokerSurface, Hello, News, Subscription } from '../../protocol/port.js'
import type { Line } from '../line.js'
import { badName } from '../names.js'
import { storageError } from '../storage/open-store.js'
import { createTab, type RemoteTab, type Tab } from './tab.js'

export interface DeskOptions {
  readonly instance: InstanceId
  readonly page: RemoteTab
  /** Why this page cannot be served, if it cannot. */
  refuse(hello: Hello): ErrorInfo | undefined
  /** The tab is one of ours now. `onDeath` is called when its lock is free; returns its own undo. */
  admit(tab: Tab, hello: Hello, onDeath: () => void): () => void
  dismiss(tab: Tab): void
  /** The page will not come back to this port. */
  hangUp(): void
  /** Runs at once, or as soon as the line is there, in the order of the calls. */
  withLine(run: (line: Line) => void): void
}

const EMPTY_OUTBOX: News = { kind: 'outbox', whole: true, put: [], removed: [] }

export function createDesk(options: DeskOptions): BrokerSurface {
  const { instance, page, withLine } = options
  let tab: Tab | undefined
  let line: Line | undefined
  let refusal: ErrorInfo | undefined
  let stopWatching = (): void => {}

  function leave(): void {
    const gone = tab
    tab = undefined
    if (!gone) return
    stopWatching()
    gone.close()
    withLine(({ channels }) => {
      for (const subscriber of gone.subscribers.values()) channels.unsubscribe(subscriber)
    })
    options.dismiss(gone)
  }

  function subscribe(subscription: Subscription): void {
    const own = tab
    const { id, channel, from } = subscription
    const error =
      badName('channel', channel) ??
      (typeof from === 'string' || from.after.id === ''
        ? undefined
        : badName('after', from.after.id))
    if (error) return own?.push({ kind: 'denied', subscriptions: [id], error })
    withLine(({ channels }) => {
      if (!own || own !== tab || own.subscribers.has(subscription.id)) return
      own.subscribers.set(subscription.id, channels.subscribe(subscription, own))
    })
  }

  return {
    hello(hello) {
      refusal = options.refuse(hello)
      if (refusal) return { ok: false, error: refusal }
      leave()
      const wholeOutbox = (): News => line?.outbox.ledger.whole() ?? EMPTY_OUTBOX
      const own = createTab({ id: hello.tab, instance, page, wholeOutbox })
      tab = own
      stopWatching = options.admit(own, hello, () => {
        if (tab !== own) return
        leave()
        options.hangUp()
      })
      withLine((opened) => {
        line = opened
        own.push(wholeOutbox())
      })
      for (const subscription of hello.subscriptions) subscribe(subscription)
      return { ok: true, instance }
    },

    goodbye: leave,

    send(operation) {
      // It follows a hello that has not been answered yet, and may be meant for another line (P13).
      if (refusal) return Promise.resolve(refusal)
      return new Promise((resolve) => {
        const own = tab
        own?.awaited.add(operation.key)
        withLine(({ outbox }) => {
          const stored = outbox.add(operation)
          if (stored instanceof Promise) {
            stored.then(
              () => resolve(undefined),
              (reason) => resolve(storageError(reason)),
            )
          } else {
            own?.awaited.delete(operation.key)
            resolve(stored)
          }
        })
      })
    },

    subscribe,

    unsubscribe(id) {
      withLine(({ channels }) => {
        const subscriber = tab?.subscribers.get(id)
        if (!subscriber) return
        tab?.subscribers.delete(id)
        channels.unsubscribe(subscriber)
      })
    },

    retry: (key) => line?.outbox.retry(key) ?? false,
    discard: (key) => line?.outbox.discard(key) ?? false,
    reconnect: () => withLine(({ connection }) => connection.reconnect()),
    suspect: (why) => withLine(({ connection }) => connection.suspect(why)),
  }
}

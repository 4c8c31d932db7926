/**
 * Owns the broker as calls across a port, by Comlink: every answer is a promise, and every promise is
 * settled, by the broker or by the end of the port. A dead worker answers nothing, and no browser says
 * that it is dead (P12, F1).
 *
 * Comlink makes a proxy for every mention of a method, and runs script when one of them is collected.
 * If that happens while the page is in the back/forward cache, Chromium throws the page away
 * (`JavaScriptExecution`). So there is one proxy a method, and none is left to be collected (F14, F15).
 */
import { type Remote, releaseProxy, wrap } from 'comlink'
import { PartylineError } from '../protocol/errors.js'
import type { BrokerSurface } from '../protocol/port.js'
import { pageError } from '../protocol/sentences.js'
import type { BrokerEnd } from './environment.js'
import { quietly } from './resolvers.js'

export type RemoteBroker = {
  [Name in keyof BrokerSurface]: (
    ...args: Parameters<BrokerSurface[Name]>
  ) => Promise<Awaited<ReturnType<BrokerSurface[Name]>>>
}

export interface BrokerPort {
  readonly remote: RemoteBroker
  /** Whether an answer is awaited. */
  readonly isAwaited: boolean
  close(): void
}

export interface BrokerPortEvents {
  called(): void
  answered(): void
}

type Method = (...args: unknown[]) => Promise<unknown>
type Releasable = Pick<Remote<object>, typeof releaseProxy>

export function openBrokerPort(port: BrokerEnd, events?: BrokerPortEvents): BrokerPort {
  const root = wrap<BrokerSurface>(port)
  const proxies: Releasable[] = [root]
  const methods = new Map<PropertyKey, Method>()
  /** How each call that waits for its answer is given up. */
  const waiting = new Set<(reason: Error) => void>()
  let isClosed = false

  function methodOf(name: keyof BrokerSurface): Method {
    const proxy = isClosed ? undefined : (root[name] as unknown as Method & Releasable)
    if (proxy) proxies.push(proxy)
    return (...args) => {
      const { promise, resolve, reject } = quietly<unknown>()
      if (isClosed || !proxy) reject(interrupted())
      else {
        waiting.add(reject)
        events?.called()
        const answered = <T>(settle: (value: T) => void, value: T): void => {
          if (waiting.delete(reject)) events?.answered()
          settle(value)
        }
        proxy(...args).then(
          (value) => answered(resolve, value),
          (reason) => answered(reject, reason),
        )
      }
      return promise
    }
  }

  return {
    remote: new Proxy({} as RemoteBroker, {
      get(_, name: keyof BrokerSurface) {
        const method = methods.get(name) ?? methodOf(name)
        methods.set(name, method)
        return method
      },
    }),
    get isAwaited() {
      return waiting.size > 0
    },
    close() {
      isClosed = true
      // First, so that what Comlink says on release stays unsaid.
      port.close()
      for (const proxy of proxies) proxy[releaseProxy]()
      for (const giveUp of waiting) giveUp(interrupted())
      waiting.clear()
    },
  }
}

const interrupted = (): Error => new PartylineError(pageError('interrupted', {}))

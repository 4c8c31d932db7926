/**
 * Owns the broker as calls across a port, by Comlink: every answer is a promise.
 *
 * Comlink makes a proxy for every mention of a method, and runs script when one of them is collected.
 * If that happens while the page is in the back/forward cache, Chromium throws the page away
 * (`JavaScriptExecution`). So there is one proxy a method, and none is left to be collected (F14, F15).
 */
import { type Remote, releaseProxy, wrap } from 'comlink'
import type { BrokerSurface } from '../protocol/port.js'
import type { BrokerEnd } from './environment.js'

export type RemoteBroker = {
  [Name in keyof BrokerSurface]: (
    ...args: Parameters<BrokerSurface[Name]>
  ) => Promise<Awaited<ReturnType<BrokerSurface[Name]>>>
}

export interface BrokerPort {
  readonly remote: RemoteBroker
  close(): void
}

type Releasable = Pick<Remote<object>, typeof releaseProxy>

export function openBrokerPort(port: BrokerEnd): BrokerPort {
  const root = wrap<BrokerSurface>(port)
  const methods = new Map<keyof BrokerSurface, Releasable>()
  const remote = new Proxy({} as RemoteBroker, {
    get(_, name: keyof BrokerSurface) {
      const method = methods.get(name) ?? (root[name] as unknown as Releasable)
      methods.set(name, method)
      return method
    },
  })
  return {
    remote,
    close() {
      // First, so that what Comlink says on release stays unsaid.
      port.close()
      for (const proxy of [root, ...methods.values()]) proxy[releaseProxy]()
    },
  }
}

/**
 * Owns the dedicated worker host: a page that has no SharedWorker started this script, and says with its
 * first word for whom (hub.ts). For all tabs, as the worker of a leader tab; or for that page alone,
 * where nothing can guard what several pages share: then nothing is shared, the disk neither (P1, P2).
 */
import type { Endpoint } from 'comlink'
import type { Order, Report } from '../../protocol/hub.js'
import { reignLockName } from '../../protocol/line-name.js'
import { type Broker, type BrokerEnvironment, createBroker } from '../broker.js'
import { serveHub } from './hub-host.js'
import { servePort } from './serve-port.js'

interface PagePort extends Endpoint {
  close(): void
}

/** What it is started in. */
export interface DedicatedScope {
  onmessage: ((event: { readonly data: Order; readonly ports: readonly PagePort[] }) => void) | null
  postMessage(report: Report): void
}

export function hostInDedicatedWorker(
  scope: DedicatedScope,
  surroundings: Omit<BrokerEnvironment, 'host'>,
): void {
  let broker: Broker | undefined
  let stopServing = (): void => {}

  function lead(line: string): void {
    const { openBus, newId, locks } = surroundings
    broker = createBroker({ ...surroundings, host: 'leader-tab' })
    if (openBus) stopServing = serveHub({ broker, openBus, newId }, line)
    // It tells our page when we die, which no event does.
    const shown = locks?.hold(reignLockName(line)).catch(() => {})
    void Promise.resolve(shown).then(() => scope.postMessage('here'))
  }

  function attach(port: PagePort): void {
    broker ??= createBroker({
      ...surroundings,
      openStore: null,
      locks: null,
      openBus: null,
      host: 'page',
    })
    servePort(broker, port, () => port.close())
    scope.postMessage('here')
  }

  async function leave(): Promise<void> {
    stopServing()
    await broker?.close()
    scope.postMessage('left')
  }

  scope.onmessage = ({ data, ports: [port] }) => {
    if (data.kind === 'lead') lead(data.line)
    else if (data.kind === 'leave') void leave()
    else if (data.kind === 'ping') scope.postMessage('here')
    else if (port) attach(port)
  }
}

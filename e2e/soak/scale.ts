/** Owns the weighing of everybody at one moment: worker, resident and gateway, each after a collection. */
import type { Browser } from '../support/browser.js'
import type { Gateway } from '../support/gateway.js'
import type { GatewayTurns } from '../support/gateway-turns.js'
import { pageHeap, workerHeap } from '../support/heaps.js'
import type { Sample } from './result.js'
import type { Tabs } from './tabs.js'

export interface Scale {
  readonly samples: readonly Sample[]
  weigh(): Promise<void>
  /** The worker had to live from that minute on. */
  complaints(workerSince: number): readonly string[]
}

export interface ScaleOptions {
  readonly browser: Browser
  readonly tabs: Tabs
  readonly gateway: Gateway
  readonly turns: GatewayTurns
  minute(): number
}

export async function createScale(options: ScaleOptions): Promise<Scale> {
  const { browser, tabs, gateway, turns, minute } = options
  const { resident } = tabs
  const context = resident.context()
  const session = await context.newCDPSession(resident)
  const samples: Sample[] = []
  const lives: { readonly life: string; readonly minute: number }[] = []

  return {
    samples,
    async weigh() {
      await turns.settled()
      const worker = browser.context && (await workerHeap(context))
      if (worker) lives.push({ life: worker.life, minute: minute() })
      const { heap, resident: held } = await gateway.memory()
      samples.push({
        minute: minute(),
        tabs: tabs.count,
        worker: worker?.bytes,
        resident: await pageHeap(session),
        gateway: heap,
        process: held,
      })
    },
    complaints(workerSince) {
      const late = lives.filter((one) => one.minute >= workerSince)
      const died = late.find(({ life }, index) => index > 0 && life !== late[index - 1]?.life)
      return died ? [`the worker died before minute ${died.minute.toFixed(1)}`] : []
    },
  }
}

/**
 * Owns asking the tabs for a token: one at a time, the latest comer first, each with a time limit,
 * so that a frozen tab does not keep the line from signing in. Who has been silent is asked last from
 * then on: a few of them in a row would take longer than a connection waits for its hello (P12).
 */
import type { Clock } from '../clock.js'
import type { Tab } from './tab.js'

const PATIENCE_MS = 5_000

export function createTokenDesk(
  clock: Clock,
  tabs: () => readonly Tab[],
): () => Promise<string | undefined> {
  const silent = new WeakSet<Tab>()
  let asking: Promise<string | undefined> | undefined

  function askOne(tab: Tab): Promise<string | undefined> {
    return new Promise((resolve) => {
      const stop = clock.after(PATIENCE_MS, () => {
        silent.add(tab)
        resolve(undefined)
      })
      tab
        .token()
        .then(resolve, () => resolve(undefined))
        .finally(() => {
          silent.delete(tab)
          stop()
        })
    })
  }

  async function ask(): Promise<string | undefined> {
    const latestFirst = [...tabs()].reverse()
    const isSilent = (tab: Tab): number => Number(silent.has(tab))
    for (const tab of latestFirst.sort((a, b) => isSilent(a) - isSilent(b))) {
      const token = await askOne(tab)
      // `null` is what many an app has instead of a token.
      if (typeof token === 'string') return token
    }
    return undefined
  }

  /** Whoever asks while another answer is on its way gets that one (F43). */
  return () => {
    asking ??= ask().finally(() => {
      asking = undefined
    })
    return asking
  }
}

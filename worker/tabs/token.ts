/**
 * Owns asking the tabs for a token: one at a time, the latest comer first, each with a time limit,
 * so that a frozen tab does not keep the line from signing in.
 */
import type { Clock } from '../clock.js'
import type { Tab } from './tab.js'

const PATIENCE_MS = 5_000

export async function askForToken(tabs: Iterable<Tab>, clock: Clock): Promise<string | undefined> {
  for (const tab of [...tabs].reverse()) {
    const token = await new Promise<string | undefined>((resolve) => {
      const stop = clock.after(PATIENCE_MS, () => resolve(undefined))
      tab
        .token()
        .then(resolve, () => resolve(undefined))
        .finally(stop)
    })
    // `null` is what many an app has instead of a token.
    if (typeof token === 'string') return token
  }
  return undefined
}

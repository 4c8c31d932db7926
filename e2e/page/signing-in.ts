/** Owns the `auth` of the page under test: what it answers, and how often it was asked. */
import type { Auth } from 'partyline'
import type { TabLog, TabOptions } from './tab-api.js'

export function createSigningIn(log: TabLog) {
  let tokens: readonly string[] = []

  function answer(): string | undefined {
    const [next, ...later] = tokens
    if (later.length) tokens = later
    return next
  }

  return {
    setTokens(next: readonly string[]) {
      tokens = next
    },
    auth(how: TabOptions['auth'], first: TabOptions['token']): Auth | undefined {
      if (how === 'absent') return undefined
      if (typeof how === 'object') return how.url
      tokens = [first ?? []].flat()
      return () => {
        log.tokensAsked += 1
        return how === 'silent' ? new Promise<never>(() => {}) : answer()
      }
    },
  }
}

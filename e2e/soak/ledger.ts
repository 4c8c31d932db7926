/**
 * Owns the account of what was published: who published how many to which channel, and how many of
 * them the resident saw, each once and in order (P3, P4, P6). Each author numbers its own from one. Pure.
 */
/** Consecutive numbers of one author in one channel. */
export interface Run {
  readonly channel: string
  readonly author: string
  readonly first: number
  readonly last: number
}

export interface Ledger {
  /**
   * So many have been published by now. `safe` of them cannot be lost any more; absent: all, because
   * nothing happened to their author that may cost it any.
   */
  published(channel: string, author: string, count: number, safe?: number): void
  heard(run: Run): void
  readonly events: number
  /** What came wrongly. */
  readonly faults: readonly string[]
  /** What did not come. */
  missing(): readonly string[]
}

interface Account {
  count: number
  safe: number
  seen: number
}

export function createLedger(): Ledger {
  const accounts = new Map<string, Account>()
  const faults: string[] = []
  let events = 0

  function accountOf(channel: string, author: string): Account {
    const name = `${author} in ${channel}`
    const account = accounts.get(name) ?? { count: 0, safe: 0, seen: 0 }
    accounts.set(name, account)
    return account
  }

  return {
    published(channel, author, count, safe = count) {
      Object.assign(accountOf(channel, author), { count, safe })
    },
    heard({ channel, author, first, last }) {
      const account = accountOf(channel, author)
      const about = `${author} in ${channel}: ${first} to ${last} after ${account.seen}`
      if (first <= account.seen) faults.push(`again or too late: ${about}`)
      if (first > account.seen + 1) faults.push(`a hole: ${about}`)
      events += last - first + 1
      account.seen = Math.max(account.seen, last)
    },
    get events() {
      return events
    },
    get faults() {
      const strange = [...accounts].filter(([, { seen, count }]) => seen > count)
      return [...faults, ...strange.map(([name]) => `more than were published: ${name}`)]
    },
    missing: () =>
      [...accounts]
        .filter(([, { seen, safe }]) => seen < safe)
        .map(([name, { seen, safe }]) => `lost: ${name}, seen ${seen} of ${safe}`),
  }
}

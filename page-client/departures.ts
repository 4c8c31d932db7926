/**
 * Owns the order of comings and goings in one page: whoever connects while another identity is being
 * signed out of the same address waits until that one's socket is closed (P13, F24).
 */
export interface Departures {
  begin(url: string, until: Promise<void>): void
  /** Resolves when all who were leaving are gone, or it failed; undefined: nobody is leaving. */
  from(url: string): Promise<unknown> | undefined
}

export function createDepartures(): Departures {
  const leaving = new Map<string, Promise<unknown>>()
  return {
    begin(url, until) {
      const all = Promise.allSettled([leaving.get(url), until]).then(() => {
        if (leaving.get(url) === all) leaving.delete(url)
      })
      leaving.set(url, all)
    },
    from: (url) => leaving.get(url),
  }
}

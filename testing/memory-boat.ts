/**
 * Owns localStorage in tests: one for all pages of an origin, written when the call returns; every
 * other page hears of it in a later turn. `characters` is how much it takes before it is full.
 */
import type { Boat } from '../page-client/environment.js'

type Later = (what: string, run: () => void) => void

export interface MemoryBoats {
  /** What is in it; tests may put things there that no page of ours would. */
  readonly items: Map<string, string>
  characters: number
  /** localStorage as one page sees it. */
  page(onWritten: (name: string) => void, later?: Later): Boat & { close(): void }
}

export function createMemoryBoats(): MemoryBoats {
  const items = new Map<string, string>()
  const pages = new Map<(name: string) => void, Later>()
  const boats: MemoryBoats = {
    items,
    characters: 5 * 1024 * 1024,
    page(onWritten, later = (_what, run) => void Promise.resolve().then(run)) {
      const own = (name: string): void => onWritten(name)
      let isOpen = true
      pages.set(own, later)
      return {
        get length() {
          return items.size
        },
        key: (index) => [...items.keys()][index] ?? null,
        getItem: (name) => items.get(name) ?? null,
        setItem(name, text) {
          if (!isOpen) return
          const others = [...items].filter(([other]) => other !== name)
          const used = others.reduce((sum, [key, value]) => sum + key.length + value.length, 0)
          if (used + name.length + text.length > boats.characters) {
            throw new DOMException('it is full', 'QuotaExceededError')
          }
          items.set(name, text)
          for (const [page, tell] of pages) {
            if (page !== own) tell('storage event', () => pages.has(page) && page(name))
          }
        },
        removeItem: (name) => void (isOpen && items.delete(name)),
        close() {
          isOpen = false
          pages.delete(own)
        },
      }
    },
  }
  return boats
}

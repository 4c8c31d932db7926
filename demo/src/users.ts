/**
 * Owns who sits before this tab. The name is chosen at the first visit; a tab keeps its own user in
 * sessionStorage, so that two tabs of one browser can be two people.
 *
 * The storages are handed in, so that this is testable and works where there are none.
 */
export interface User {
  readonly name: string
}

/** The part of the Web Storage API that this app uses. */
export type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

export interface Users {
  /** Nobody at the first visit, and after somebody signed out. */
  readonly current: User | undefined
  /** Everybody who has used this browser, latest first. */
  readonly known: readonly User[]
  become(name: string): User
  /** `isForgotten`: their name is no longer offered either. */
  leave(name: string, options?: { readonly isForgotten: boolean }): void
}

const TAB = 'party-board:user'
const ALL = 'party-board:users'
/** Whom a new tab takes for granted. */
const LAST = 'party-board:last'
const KNOWN_MAX = 8

export function createUsers(browser: Shelf, tab: Shelf): Users {
  const known = (): readonly User[] => {
    try {
      const names: unknown = JSON.parse(browser.getItem(ALL) ?? '[]')
      if (!Array.isArray(names)) return []
      return names.filter((name) => typeof name === 'string').map((name) => ({ name }))
    } catch {
      return []
    }
  }
  const without = (name: string): readonly User[] => known().filter((one) => one.name !== name)
  const keep = (users: readonly User[]): void =>
    browser.setItem(ALL, JSON.stringify(users.slice(0, KNOWN_MAX).map(({ name }) => name)))

  return {
    get current() {
      const name = tab.getItem(TAB)
      if (name) return { name }
      const last = browser.getItem(LAST)
      return last ? { name: last } : undefined
    },
    get known() {
      return known()
    },
    become(name) {
      const user = { name: name.trim() }
      keep([user, ...without(user.name)])
      browser.setItem(LAST, user.name)
      tab.setItem(TAB, user.name)
      return user
    },
    leave(name, { isForgotten } = { isForgotten: false }) {
      if (isForgotten) keep(without(name))
      if (browser.getItem(LAST) === name) browser.removeItem(LAST)
      if (tab.getItem(TAB) === name) tab.removeItem(TAB)
    },
  }
}

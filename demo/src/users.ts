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
  /** Nobody yet at the first visit. */
  readonly current: User | undefined
  /** Everybody who has used this browser, latest first. */
  readonly known: readonly User[]
  become(name: string): User
}

const TAB = 'party-board:user'
const ALL = 'party-board:users'
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
  return {
    get current() {
      const name = tab.getItem(TAB)
      return name ? { name } : known()[0]
    },
    get known() {
      return known()
    },
    become(name) {
      const user = { name: name.trim() }
      const others = known().filter((other) => other.name !== user.name)
      browser.setItem(
        ALL,
        JSON.stringify([user, ...others].slice(0, KNOWN_MAX).map((person) => person.name)),
      )
      tab.setItem(TAB, user.name)
      return user
    },
  }
}

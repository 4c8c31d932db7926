/**
 * Owns who uses the browser: nobody in particular, or one of two people after the other, each with tokens
 * that the server may stop to accept. A person has a new home after each sign-out: of the one before
 * nothing is remembered but what was to be kept. It knows no tabs.
 */
import type { Dice } from '../../e2e/support/random.js'

export const PEOPLE = ['ann', 'ben'] as const
export type Person = (typeof PEOPLE)[number]
export type Fate = 'discard' | 'keep'

export interface People {
  /** undefined: people have no names here, or somebody is being signed out. */
  readonly current: Person | undefined
  readonly hasNames: boolean
  /** All homes so far; the one without a name is nobody's. */
  readonly homes: ReadonlySet<string>
  /** Those who were ever here. */
  readonly known: ReadonlySet<Person>
  /** Has signed out, and is not back. */
  readonly away: ReadonlySet<Person>
  /** Homes of which nothing is to be kept. */
  readonly cleared: Set<string>
  /** A page is opened for that person. */
  enter(person: Person | undefined): string
  token(person: Person): string
  /** Whose token it is, if it is still good. */
  ownerOf(token: string | undefined): Person | undefined
  /** All tokens of today are worth nothing; apps hear of it when they are told. */
  revoke(): void
  tell(): void
  leaves(person: Person, next: Person): void
  /** It is over: `isDone`: nothing of that person is to be sent any more. */
  left(person: Person, isDone: boolean): void
}

const NAMED = 0.35

export function createPeople(dice: Dice): People {
  const hasNames = dice.chance(NAMED)
  const homes = new Set<string>()
  const known = new Set<Person>()
  const away = new Set<Person>()
  const lives = new Map<Person, number>()
  let current: Person | undefined = hasNames ? 'ann' : undefined
  let next: Person | undefined
  let day = 1
  let told = 1

  return {
    get current() {
      return current
    },
    hasNames,
    homes,
    known,
    away,
    cleared: new Set(),
    enter(person) {
      const home = person ? `${person} ${lives.get(person) ?? 1}/` : ''
      homes.add(home)
      if (person) known.add(person)
      if (person) away.delete(person)
      return home
    },
    token: (person) => `${person} ${told}`,
    ownerOf: (token) => PEOPLE.find((person) => token === `${person} ${day}`),
    revoke() {
      day += 1
    },
    tell() {
      told = day
    },
    leaves(person, then) {
      lives.set(person, (lives.get(person) ?? 1) + 1)
      current = undefined
      next = then
    },
    left(person, isDone) {
      if (isDone) away.add(person)
      current ??= next
    },
  }
}

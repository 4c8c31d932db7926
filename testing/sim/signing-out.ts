/**
 * Owns what apps do when somebody signs out: one tab asks, everybody's tab closes when it has heard, and
 * whoever is next comes when the first has been answered, or is gone.
 */
import type { App } from './app.js'
import { type Fate, PEOPLE, type Person } from './people.js'
import type { Records } from './records.js'
import type { World } from './world.js'

export function signOut(
  world: World,
  app: App,
  { fate, next }: { readonly fate: Fate; readonly next: number },
): void {
  const { apps, people, records, privacy } = world
  const { person, home, tab } = app
  if (!person || person !== people.current) return
  records.tell(`${tab.name}: ${person} signs out: ${fate}`)
  // Whoever is just about to attach to another worker has handed over there what it has.
  const isSettled =
    isAlone(world, person) ||
    apps.every((one) => one.home !== home || one.tab.line.status.value.state !== 'connecting')
  const all = (): readonly string[] =>
    records.outboxFacts.flatMap((one) =>
      one.fact === 'sent' && one.lane.startsWith(person) ? [one.key] : [],
    )
  const before = all()
  people.leaves(person, PEOPLE[next] ?? 'ann')
  if (fate === 'discard') {
    people.cleared.add(home)
    records.givenUp(tab.name, before)
  }
  app.signOut(fate, (isDone) => {
    const loose = isAlone(world, person) ? [] : adrift(records, person)
    people.left(person, isDone && isSettled && !loose.length)
    if (fate !== 'discard') return
    records.givenUp(tab.name, all())
    for (const key of isSettled ? loose : all()) records.halfDiscarded.add(key)
    if (isDone && isSettled) privacy.discarded(before.filter((key) => !loose.includes(key)))
  })
}

/** Who has asked for it ends before the answer. */
export function leavesUndone(world: World, { home, person, pending }: App): void {
  const { people, records } = world
  if (!person || !people.cleared.has(home) || !pending().includes('sign-out')) return
  if (isAlone(world, person)) return
  for (const key of adrift(records, person)) records.halfDiscarded.add(key)
}

/** No second worker lives on the line of that person. */
const isAlone = ({ browser }: World, person: Person): boolean =>
  browser.workers.filter(({ name }) => name.includes(`,"${person}"]`)).length < 2

/** What nobody was told to be stored: a tab may have handed it over to another worker, and be gone. */
function adrift({ outboxFacts }: Records, person: Person): readonly string[] {
  const stored = new Set(outboxFacts.flatMap((one) => (one.fact === 'stored' ? [one.key] : [])))
  return outboxFacts.flatMap((one) =>
    one.fact === 'sent' && one.lane.startsWith(person) && !stored.has(one.key) ? [one.key] : [],
  )
}

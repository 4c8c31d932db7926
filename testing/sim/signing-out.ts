/**
 * Owns what apps do when somebody signs out: one tab asks, everybody's tab closes when it has heard, and
 * whoever is next comes when the first has been answered, or is gone.
 */
import type { App } from './app.js'
import { type Fate, PEOPLE } from './people.js'
import type { World } from './world.js'

export function signOut(
  { apps, browser, people, records, privacy }: World,
  app: App,
  { fate, next }: { readonly fate: Fate; readonly next: number },
): void {
  const { person, home, tab } = app
  if (!person || person !== people.current) return
  records.tell(`${tab.name}: ${person} signs out: ${fate}`)
  // Whoever is just about to attach to another worker has handed over there what it has.
  const isAlone = browser.workers.filter(({ name }) => name.includes(`,"${person}"]`)).length < 2
  const isSure =
    isAlone ||
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
    people.left(person, isDone && isSure)
    if (fate !== 'discard') return
    records.givenUp(tab.name, all())
    // Of a worker that hung, or died, the disk may know nothing of what it told.
    const isUndone = !isDone && records.isWorkerHurt
    if (!isSure || isUndone) for (const key of all()) records.halfDiscarded.add(key)
    if (isDone && isSure) privacy.discarded(before)
  })
}

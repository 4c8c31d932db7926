/** Owns how a tab leaves the world, and what of it goes on record: it ends in order, or crashes. */
import type { App } from './app.js'
import type { World } from './world.js'

export function tabEnds(world: World, app: App, how: 'closed' | 'crashed'): void {
  const { tab } = app
  world.records.inbox({ fact: 'tab-goes', tab: tab.name })
  if (how === 'closed') tab.close()
  else tab.crash()
  world.records.outbox({ fact: 'tab-ended', tab: tab.name, how })
  world.records.inbox({ fact: 'tab-ended', tab: tab.name, how: how === 'closed' ? how : 'killed' })
  world.forget(app)
}

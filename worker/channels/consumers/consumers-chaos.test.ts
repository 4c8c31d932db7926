import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createConsumerDisk, createConsumersWorld } from '../../../testing/consumers-world.js'

/** What may happen between any two steps. */
const DEEDS = [
  'event comes',
  'handler is done',
  'handler fails',
  'tab opens',
  'tab is shown or hidden',
  'tab dies',
  'tab leaves',
  'tab freezes',
  'tab thaws',
  'time passes',
  'worker dies',
  'worker dies before the disk has heard',
] as const
type Deed = (typeof DEEDS)[number]
type Tab = ReturnType<ReturnType<typeof createConsumersWorld>['openTab']>

const usual: readonly Deed[] = ['event comes', 'handler is done']
const deeds = fc.array(
  fc.oneof(
    { arbitrary: fc.constantFrom(...usual), weight: 2 },
    { arbitrary: fc.constantFrom(...DEEDS), weight: 1 },
  ),
  { maxLength: 60 },
)

/** One story, and what somebody who stood beside it wrote down. */
function createStory() {
  const disk = createConsumerDisk()
  const begun: number[] = []
  const done: number[] = []
  /** Begun and not done, for whatever reason: each of them may be begun once more. */
  const interrupted: number[] = []
  let given = 0
  let heard = 0
  let mostAtOnce = 0
  let tabs: Tab[] = []
  let world = createConsumersWorld({ disk })

  const busy = (): Tab | undefined => tabs.find(({ running }) => running)
  const eventOf = (tab: Tab): number => Number(tab.running?.cursor.id)
  const without = (tab: Tab): void => void tabs.splice(tabs.indexOf(tab), 1)

  function openTab(): void {
    const tab = world.openTab('t')
    tab.offer({ maxAttempts: Infinity, timeout: Infinity })
    tabs.push(tab)
  }

  /** The server answers whoever subscribes, and sends what that has not got. */
  function serve(): void {
    const frames = world.sent.filter(([type]) => type === 'subscribe' || type === 'unsubscribe')
    for (const [type, body] of world.sent.splice(0)) {
      if (type !== 'subscribe') continue
      heard = Number(body.cursor?.id ?? given)
      world.ok(String(heard))
    }
    if (frames.length) isOpen = frames.at(-1)?.[0] === 'subscribe'
    if (isOpen && heard < given) world.events(heard + 1, given)
    if (isOpen) heard = given
  }
  let isOpen = false

  async function look(): Promise<void> {
    await world.quiet()
    serve()
    await world.quiet()
    begun.push(...world.log.splice(0).map((line) => Number(/:(\d+)#/.exec(line)?.[1])))
    mostAtOnce = Math.max(mostAtOnce, tabs.filter(({ running }) => running).length)
  }

  function finish(): void {
    const tab = busy()
    if (!tab) return
    done.push(eventOf(tab))
    tab.done()
  }

  function restart(): void {
    for (const tab of tabs) if (tab.running) interrupted.push(eventOf(tab))
    world.killWorker()
    world = createConsumersWorld({ disk })
    tabs = []
    isOpen = false
  }

  async function happen(deed: Deed): Promise<void> {
    const first = busy() ?? tabs[0]
    switch (deed) {
      case 'event comes':
        given += 1
        break
      case 'handler is done':
        finish()
        break
      case 'handler fails':
        if (!first?.running) break
        interrupted.push(eventOf(first))
        first.fail()
        break
      case 'tab opens':
        openTab()
        break
      case 'tab is shown or hidden':
        if (first) first.candidate.isVisible = !first.candidate.isVisible
        break
      case 'tab dies':
      case 'tab leaves':
        if (!first) break
        if (first.running) interrupted.push(eventOf(first))
        without(first)
        if (deed === 'tab dies') first.die()
        else first.leave()
        break
      case 'tab freezes':
        first?.freeze()
        break
      case 'tab thaws':
        for (const tab of tabs) tab.thaw()
        break
      case 'time passes':
        await world.clock.advance(6_000)
        break
      case 'worker dies before the disk has heard': {
        const event = busy() && eventOf(busy() as Tab)
        finish()
        if (event !== undefined) interrupted.push(event)
        restart()
        break
      }
      case 'worker dies':
        restart()
    }
    await look()
  }

  return {
    begun,
    done,
    interrupted,
    happen,
    get mostAtOnce() {
      return mostAtOnce
    },
    /** Everybody awake, and time enough for all. */
    async end() {
      await happen('tab opens')
      for (let idle = 0; idle < 12; ) {
        const before = done.length
        await happen('tab thaws')
        await happen('time passes')
        await happen('handler is done')
        idle = done.length > before ? 0 : idle + 1
      }
      return { given, position: Number(disk.positionOf('c')) }
    },
  }
}

const count = (all: readonly number[], one: number): number =>
  all.filter((other) => other === one).length

it('[P8][P12][G32][G33] handles each event, in order, in one tab, and again only what was interrupted', async () => {
  await fc.assert(
    fc.asyncProperty(deeds, async (story) => {
      const { happen, end, ...seen } = createStory()
      await happen('tab opens')
      for (const deed of story) await happen(deed)
      const { given, position } = await end()
      const all = Array.from({ length: given }, (_, i) => i + 1)
      expect([...new Set(seen.done)]).toEqual(all)
      expect(position).toBe(given)
      expect(seen.begun).toEqual([...seen.begun].sort((a, b) => a - b))
      for (const event of all) {
        expect(count(seen.begun, event)).toBeLessThanOrEqual(1 + count(seen.interrupted, event))
      }
    }),
    { numRuns: 300 },
  )
}, 30_000)

it('[P8][G32] has one handler at work at a time, whoever comes, goes, freezes or dies', async () => {
  await fc.assert(
    fc.asyncProperty(deeds, async (story) => {
      const own = createStory()
      await own.happen('tab opens')
      for (const deed of story) await own.happen(deed)
      await own.end()
      expect(own.mostAtOnce).toBeLessThanOrEqual(1)
    }),
    { numRuns: 300 },
  )
}, 30_000)

/** A consumer beside tabs that read the same channel, on a server with a log, through cuts and restarts. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Cursor } from '../../../protocol/ids.js'
import { at, createChannelsWorld, NEWS } from '../../../testing/channels-world.js'
import { createConsumerDisk, createConsumersWorld } from '../../../testing/consumers-world.js'
import { createLogServer } from '../../../testing/log-server.js'
import { CREDIT } from '../channels.js'
import type { Subscriber } from '../subscriber.js'

/** What may happen between any two steps. */
const DEEDS = [
  ...(['publish', 'publish', 'publish many', 'pump', 'pump', 'look', 'look', 'deliver'] as const),
  ...(['done', 'done', 'done', 'fail', 'stop', 'offer', 'grace', 'restart'] as const),
  ...(['last', 'back', 'history', 'read', 'hush', 'leave', 'forget'] as const),
  ...(['cut', 'resume', 'deny', 'trim', 'break', 'mend'] as const),
] as const
type Deed = (typeof DEEDS)[number]

/** What has failed once. */
const FOUND: readonly (readonly Deed[])[] = [
  ['restart', 'stop', 'grace', 'back'],
  ['stop', 'grace', 'back'],
]

const CONSUMPTION = { maxAttempts: 9, timeout: Infinity }

/** A worker and its one tab that consumes; other tabs read. */
function createLife(
  disk: ReturnType<typeof createConsumerDisk>,
  cursors: Map<string, Cursor>,
  log: { hasPages: boolean; head: number; floor: number },
) {
  const channels = createChannelsWorld({ hasPages: log.hasPages, cursors })
  const world = createConsumersWorld({ disk, world: channels })
  const server = createLogServer(world, log.head)
  server.trim(log.floor)
  const tab = world.openTab('t')
  const readers: { tab: ReturnType<typeof channels.openTab>; subscriber: Subscriber }[] = []
  let offer: { stop(): void } | undefined = tab.offer(CONSUMPTION)

  function join(from: 'last' | { after: Cursor }, more = {}): void {
    const reader = channels.openTab()
    readers.push({ tab: reader, subscriber: reader.subscribe(from, NEWS, more) })
  }

  const deeds: Partial<Record<Deed, () => unknown>> = {
    publish: () => server.publish(1),
    'publish many': () => server.publish(7),
    pump: () => server.pump(4),
    look: server.look,
    deliver: server.deliver,
    cut: server.cut,
    resume: server.resume,
    deny: () => world.channels.answered({ channel: NEWS, state: 'denied' }),
    trim: () => server.trim(server.head - 2),
    break: () => Object.assign(world.state, { diskIs: 'broken' }),
    mend: () => Object.assign(world.state, { diskIs: 'fine' }),
    grace: () => world.clock.advance(6_000),
    done: () => offer && tab.running && tab.done(),
    fail: () => offer && tab.running && tab.fail(),
    stop() {
      offer?.stop()
      offer = undefined
    },
    offer: () => (offer ??= tab.offer(CONSUMPTION)),
    last: () => join('last'),
    history: () => join('last', { history: 3 }),
    back: () => join({ after: at(String(Math.max(server.floor, server.head - 4))) }),
    read() {
      for (const reader of readers) reader.tab.read()
    },
    hush: () => readers[0] && world.channels.hush(readers[0].subscriber),
    forget: () => readers[0]?.subscriber.channel.giveUp(),
    leave() {
      const gone = readers.shift()
      if (gone) world.channels.unsubscribe(gone.subscriber)
    },
  }
  return { world, server, tab, cursors: channels.disk, run: (deed: Deed) => deeds[deed]?.() }
}

/** Plays it, and says what was wrong. */
async function play(story: readonly Deed[], hasPages: boolean): Promise<readonly string[]> {
  const disk = createConsumerDisk()
  let life = createLife(disk, new Map(), { hasPages, head: 3, floor: 0 })
  const faults: string[] = []
  const isTrimmed = story.includes('trim')
  /** What was handed out last, or where it went on behind a gap. */
  let last: number | undefined
  let isNew = false
  let known = 0
  let told = 0

  function look(): void {
    for (const news of life.tab.told.slice(told)) {
      if (news.kind !== 'gap' && news.kind !== 'consume') continue
      const id = Number(news.cursor.id)
      const isAgain = last === undefined || id === last || (isNew && id <= last)
      if (news.kind === 'gap') {
        if (hasPages && !isTrimmed) faults.push(`a gap before ${id}`)
        if (last !== undefined && id < last && !isNew) faults.push(`back from ${last} to ${id}`)
      } else if (!isAgain && id !== Number(last) + 1) faults.push(`${id} follows ${last}`)
      last = id
      isNew = false
    }
    told = life.tab.told.length
    const position = Number(disk.positionOf('c') ?? 0)
    if (position < known) faults.push(`the disk goes back from ${known} to ${position}`)
    known = position
  }

  async function happen(deed: Deed): Promise<void> {
    if (deed === 'restart') {
      const { head, floor } = life.server
      life.world.killWorker()
      life = createLife(disk, life.cursors, { hasPages, head, floor })
      isNew = true
      told = 0
    } else await life.run(deed)
    await life.world.clock.advance(deed === 'fail' ? 30_000 : 0)
    look()
  }

  for (let i = 0; i < 3; i++) await happen('look')
  for (const deed of story) await happen(deed)
  for (const deed of ['mend', 'cut', 'resume', 'offer', 'publish'] as const) await happen(deed)
  for (let idle = 0; idle < 5; ) {
    const { server, tab, world } = life
    const isMoving = server.look() || server.deliver() || server.pump(100) || tab.running
    for (const deed of ['read', 'done'] as const) await happen(deed)
    await world.clock.advance(1_000)
    look()
    idle = isMoving ? 0 : idle + 1
  }
  if (known !== life.server.head) faults.push(`it ends at ${known} of ${life.server.head}`)
  const { credit } = life.world.channels.hello()
  if (credit !== CREDIT) faults.push(`${credit} of the credit is left`)
  return faults
}

for (const hasPages of [true, false]) {
  it(`[P6][P8][P14] a consumer gets every event in order, or is told of a gap, and never goes back, ${
    hasPages ? 'with' : 'without'
  } pages`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...DEEDS), { maxLength: 60, size: 'max' }),
        async (story) => {
          expect(await play(story, hasPages)).toEqual([])
        },
      ),
      { numRuns: 300, examples: FOUND.map((story) => [[...story]]) },
    )
  })
}

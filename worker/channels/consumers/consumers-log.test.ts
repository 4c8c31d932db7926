import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createChannelsWorld, NEWS } from '../../../testing/channels-world.js'
import { createConsumerDisk, createConsumersWorld } from '../../../testing/consumers-world.js'
import { createLogServer } from '../../../testing/log-server.js'

const DEEDS = [
  'publish',
  'publish',
  'publish many',
  'pump',
  'pump',
  'look',
  'look',
  'deliver',
  'done',
  'done',
  'done',
  'fail',
  'stop',
  'offer',
  'read',
  'last',
  'back',
  'history',
  'leave',
  'hush',
  'cut',
  'resume',
  'forget',
  'wait',
  'grace',
  'restart',
  'trim',
  'break',
  'mend',
] as const
type Deed = (typeof DEEDS)[number]

async function play(story: readonly Deed[], hasPages: boolean) {
  const disk = createConsumerDisk()
  let cursors = new Map()
  const faults: string[] = []
  let isTrimmed = false
  const gaps: string[] = []
  let make = () => {
    const base = createChannelsWorld({ hasPages, cursors })
    const world = createConsumersWorld({ disk, world: base })
    return world
  }
  let world = make()
  let server = createLogServer(world, 3)
  let tab = world.openTab('t')
  let offer: { stop(): void } | undefined = tab.offer({ maxAttempts: 9, timeout: Infinity })
  let readers: { tab: ReturnType<typeof world.openTab> extends never ? never : any; sub: any }[] =
    []
  let last = 0
  let interrupted: number | undefined
  let lastDisk = 0
  const isBroken = false
  let seenTold = 0
  let redo = false

  function check() {
    for (const news of tab.told.slice(seenTold)) {
      if (news.kind === 'gap') {
        gaps.push(`${news.reason} ${last}->${news.cursor.id}`)
        if (Number(news.cursor.id) < last && !redo)
          faults.push(`gap back from ${last} to ${news.cursor.id}`)
        last = Number(news.cursor.id)
      } else if (news.kind === 'consume') {
        const id = Number(news.cursor.id)
        if (last && id !== last + 1 && !(id === last)) {
          if (!(redo && id <= last)) faults.push(`${id} after ${last}`)
        }
        redo = false
        last = id
      }
    }
    seenTold = tab.told.length
    const at = Number(disk.positionOf('c') ?? 0)
    if (at < lastDisk) faults.push(`disk back ${lastDisk} -> ${at}`)
    lastDisk = at
  }
  async function quiet() {
    await world.quiet()
    check()
  }
  async function run(deed: Deed) {
    const reader = readers[0]
    if (deed === 'publish') server.publish(1)
    else if (deed === 'publish many') server.publish(7)
    else if (deed === 'pump') server.pump(4)
    else if (deed === 'look') server.look()
    else if (deed === 'deliver') server.deliver()
    else if (deed === 'done') {
      if (tab.running && offer) tab.done()
    } else if (deed === 'fail') {
      if (tab.running && offer) {
        tab.fail()
        await world.clock.advance(1_000)
      }
    } else if (deed === 'stop') {
      offer?.stop()
      offer = undefined
    } else if (deed === 'offer') {
      if (!offer) offer = tab.offer({ maxAttempts: 9, timeout: Infinity })
    } else if (deed === 'read') {
      for (const { tab } of readers) tab.read()
    } else if (deed === 'last' || deed === 'history' || deed === 'back') {
      const t = (world as any).openReader()
      const from =
        deed === 'back'
          ? { after: { epoch: 'e1', id: String(Math.max(server.floor, server.head - 4)) } }
          : 'last'
      readers.push({
        tab: t,
        sub: t.subscribe(from, NEWS, deed === 'history' ? { history: 3 } : {}),
      })
    } else if (deed === 'leave') {
      if (reader) {
        readers.shift()
        world.channels.unsubscribe(reader.sub)
      }
    } else if (deed === 'hush') {
      if (reader) world.channels.hush(reader.sub)
    } else if (deed === 'cut') server.cut()
    else if (deed === 'resume') server.resume()
    else if (deed === 'forget') reader?.sub.channel.giveUp()
    else if (deed === 'wait') await world.clock.advance(200)
    else if (deed === 'grace') await world.clock.advance(6_000)
    else if (deed === 'trim') {
      isTrimmed = true
      server.trim(server.head - 2)
    } else if (deed === 'break' || deed === 'mend') {
      world.state.diskIs = deed === 'break' ? 'broken' : 'fine'
    } else if (deed === 'restart') {
      const { head } = server
      world.killWorker()
      cursors = new Map(world.disk as never)
      cursors = new Map((world as any).cursorDisk)
      const floor = server.floor
      world = wire(make())
      server = createLogServer(world, head)
      server.trim(floor)
      tab = world.openTab('t')
      seenTold = 0
      redo = true
      readers = []
      offer = tab.offer({ maxAttempts: 9, timeout: Infinity })
    }
  }
  function wire(w: any) {
    return w
  }
  // channels world's openTab and disk are overridden by the consumers world
  make = ((old) => () => {
    const base = createChannelsWorld({ hasPages, cursors })
    const w: any = createConsumersWorld({ disk, world: base })
    w.openReader = base.openTab
    w.cursorDisk = base.disk
    return w
  })(make)
  world = make()
  server = createLogServer(world, 3)
  tab = world.openTab('t')
  offer = tab.offer({ maxAttempts: 9, timeout: Infinity })
  for (let i = 0; i < 3; i++) {
    server.look()
    await quiet()
  }
  for (const deed of story) {
    await run(deed)
    await quiet()
  }
  world.state.diskIs = 'fine'
  await run('resume')
  await run('offer')
  server.publish(2)
  let idle = 0
  for (let i = 0; i < 600 && idle < 5; i++) {
    const moved = server.look() || server.deliver() || server.pump(100) || tab.running
    await run('read')
    await quiet()
    await run('done')
    await quiet()
    await world.clock.advance(1_000)
    check()
    idle = moved ? 0 : idle + 1
  }
  const position = Number(disk.positionOf('c'))
  if (position !== server.head) faults.push(`ends at ${position} of ${server.head}`)
  if (gaps.length && hasPages && !isTrimmed) faults.push(`gaps ${gaps}`)
  expect(faults).toEqual([])
}

for (const hasPages of [true, false])
  it(`fuzz ${hasPages}`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...DEEDS), { maxLength: 60, size: 'max' }),
        (story) => play(story, hasPages),
      ),
      { numRuns: 500 },
    )
  }, 120_000)

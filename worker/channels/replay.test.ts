/** What a replay means to those who did not ask for it. */
import { describe, expect, it } from 'vitest'
import { at, createChannelsWorld, NEWS, numbers } from '../../testing/channels-world.js'
import { createLogServer } from '../../testing/log-server.js'

/** Line and server are cut, and meet again. */
function meetAgain({ cut, resume }: ReturnType<typeof createLogServer>): void {
  cut()
  resume()
}

describe('a replay, where the server has no pages', () => {
  it('[P6] brings whoever stands further on to its place, and repeats nothing', () => {
    const world = createChannelsWorld()
    const server = createLogServer(world, 6)
    const [back, ahead] = [world.openTab(), world.openTab()]
    back.subscribe({ after: at('1') })
    ahead.subscribe({ after: at('4') })
    server.look()
    server.pump(2)
    meetAgain(server)
    server.pump(9)
    for (const tab of [back, ahead]) tab.read()
    expect(ahead.told[0]).toEqual({ kind: 'position', subscriptions: [1], cursor: at('4') })
    expect(ahead.ids()).toEqual(['5', '6'])
    expect(back.ids()).toEqual(numbers(2, 6))
  })

  it('[P6] that did not come by tells of a gap, and costs nothing of what it had', () => {
    const world = createChannelsWorld()
    const server = createLogServer(world, 6)
    const [ahead, back] = [world.openTab(), world.openTab()]
    ahead.subscribe({ after: at('4') })
    back.subscribe({ after: at('1') })
    server.look()
    expect(back.told).toEqual([])
    server.pump(9)
    for (const tab of [back, ahead]) tab.read()
    expect(back.told[0]).toMatchObject({ kind: 'gap', reason: 'trimmed', cursor: at('4') })
    expect([back.ids(), ahead.ids()]).toEqual([
      ['5', '6'],
      ['5', '6'],
    ])
  })

  it('[P6] that is dropped before it came by tells of a gap where it ends', () => {
    const world = createChannelsWorld()
    const server = createLogServer(world, 6)
    const [ahead, back] = [world.openTab(), world.openTab()]
    const { channel } = ahead.subscribe({ after: at('3') })
    back.subscribe({ after: at('1') })
    server.look()
    server.pump(2)
    channel.giveUp()
    server.pump(9)
    back.read()
    expect(back.told).toMatchObject([{ kind: 'gap', cursor: at('6') }])
  })

  it('[P12] is waited for by nobody who has left, and not beyond a gap of the server', () => {
    const world = createChannelsWorld()
    const server = createLogServer(world, 6)
    const [first, gone, back] = [world.openTab(), world.openTab(), world.openTab()]
    first.subscribe({ after: at('2') })
    world.channels.unsubscribe(gone.subscribe({ after: at('4') }))
    back.subscribe({ after: at('1') })
    server.look()
    server.trim(5)
    server.pump(9)
    expect([gone.told, back.gaps()]).toEqual([[], ['slow']])
    server.publish(1)
    server.pump(9)
    back.read()
    expect([gone.told, back.ids()]).toEqual([[], ['7']])
  })
})

describe('[P7][F21] a position that a page has brought, ahead of the ring', () => {
  /** One tab reads what comes from 10 on, another one has come by a page as far as there is. */
  async function overtaken(known: string, between: (world: World, server: Server) => void) {
    const world = createChannelsWorld({ hasPages: true, cursors: new Map([[NEWS, at(known)]]) })
    const server = createLogServer(world, 10)
    const [steady, late] = [world.openTab(), world.openTab()]
    steady.subscribe('now')
    server.look()
    server.publish(3)
    server.pump(1)
    between(world, server)
    late.subscribe('last')
    server.look()
    server.deliver()
    late.read()
    await world.clock.advance(200)
    async function diskAfter(events: number): Promise<string | undefined> {
      server.pump(events)
      steady.read()
      await world.clock.advance(200)
      return world.disk.get(NEWS)?.id
    }
    return { world, server, diskAfter }
  }
  type World = ReturnType<typeof createChannelsWorld>
  type Server = ReturnType<typeof createLogServer>

  it('is not taken back by a tab that reads on in the ring', async () => {
    const { world, server, diskAfter } = await overtaken('8', () => {})
    expect(world.disk.get(NEWS)?.id).toBe('13')
    expect([await diskAfter(0), await diskAfter(1), await diskAfter(1)]).toEqual(['13', '13', '13'])
    server.publish(1)
    expect(await diskAfter(1)).toBe('14')
  })

  it('nor when a replay is over before it', async () => {
    const { server, diskAfter } = await overtaken('9', (_, server) => {
      meetAgain(server)
      server.publish(1)
    })
    expect([await diskAfter(2), await diskAfter(1)]).toEqual(['14', '14'])
    server.publish(1)
    expect(await diskAfter(1)).toBe('15')
  })
})

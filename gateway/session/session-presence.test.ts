import { describe, expect, test } from 'vitest'
import type { UpBody, UpFrame } from '../../protocol/wire/frames-up.js'
import type { Authorize } from '../operations/operations.js'
import { Refusal } from '../refusal.js'
import { settled } from '../virtual-environment.js'
import { type Actor, HELLO, type Stage } from './stage.js'
import { useStage } from './use-stage.js'

const { play } = useStage()

type Presence = UpBody<'presence'>

const shows = (state: unknown, changes: Partial<Presence> = {}): Presence => ({
  channel: 'board',
  watch: true,
  state: JSON.stringify(state),
  ...changes,
})
const watches: Presence = { channel: 'board', watch: true }
const leaves: Presence = { channel: 'board', watch: false }
const says = (presence: Presence): UpFrame => ['presence', presence]

/** Everybody signs in under the name of the client's user: `ann` of `ann/phone`. */
const join = (stage: Stage, client: string, presence?: Presence[], changes = {}): Promise<Actor> =>
  stage.enter({
    client: client as never,
    features: ['presence'],
    auth: client.split('/')[0] ?? '',
    ...(presence && { presence }),
    ...changes,
  })
const named = { authenticate: (token: string | undefined) => ({ identity: token ?? '' }) }
const memberOf = ({ socket }: Actor): string => socket.bodies('welcome')[0]?.member ?? ''

/** What a client believes that has heard all this, checked for changes to what it does not know. */
function sees({ socket }: Actor, channel = 'board'): Record<string, unknown> | undefined {
  let members: Map<string, unknown> | undefined
  for (const body of socket.bodies('presence')) {
    if (body.channel !== channel) continue
    if (body.whole) members = new Map()
    if (!members) throw new Error('a change before the whole list')
    for (const member of body.left) {
      if (!members.delete(member)) throw new Error(`${member} left and was never there`)
    }
    for (const { member, state } of body.members) members.set(member, JSON.parse(state))
  }
  return members && Object.fromEntries(members)
}

describe('presence', () => {
  test('tells the whole list first, with the watcher in it, then changes', async () => {
    const stage = await play(named)
    const ann = await join(stage, 'ann', [shows(1)])
    await stage.clock.advance(50)
    const bob = await join(stage, 'bob', [shows(2)])
    const [a, b] = [memberOf(ann), memberOf(bob)]
    expect(ann.socket.bodies('presence')).toEqual([
      {
        channel: 'board',
        whole: true,
        members: [{ member: a, identity: 'ann', state: '1' }],
        left: [],
      },
      {
        channel: 'board',
        whole: false,
        members: [{ member: b, identity: 'bob', state: '2' }],
        left: [],
      },
    ])
    expect(sees(bob)).toEqual({ [a]: 1, [b]: 2 })
    await stage.clock.advance(50)
    await bob.say(says(shows(3)))
    expect(sees(ann)).toEqual({ [a]: 1, [b]: 3 })
    await stage.clock.advance(50)
    await bob.say(says(leaves))
    expect(ann.socket.bodies('presence').at(-1)).toEqual({
      channel: 'board',
      whole: false,
      members: [],
      left: [b],
    })
    expect(stage.switchboard.stats()).toMatchObject({ members: 1, watchers: 1 })
  })

  test('is there to watch without being shown, and to be shown without watching', async () => {
    const stage = await play(named)
    const ann = await join(stage, 'ann', [watches])
    expect(sees(ann)).toEqual({})
    await stage.clock.advance(50)
    const bob = await join(stage, 'bob', [shows(1, { watch: false })])
    expect([sees(ann), sees(bob)]).toEqual([{ [memberOf(bob)]: 1 }, undefined])
    await ann.say(says(leaves), says(leaves))
    await bob.say(says(shows(2, { watch: false })))
    expect(sees(ann)).toEqual({ [memberOf(bob)]: 1 })
    await stage.clock.advance(50)
    await ann.say(says(watches))
    expect(sees(ann)).toEqual({ [memberOf(bob)]: 2 })
  })

  test('is told only to clients that know it; the others can still be shown', async () => {
    const stage = await play(named)
    const old = await join(stage, 'old', [shows(1)], { features: [] })
    const ann = await join(stage, 'ann', [watches])
    expect([old.socket.bodies('presence'), sees(ann)]).toEqual([[], { [memberOf(old)]: 1 }])
    expect(stage.switchboard.stats().watchers).toBe(1)
  })

  test('[P13] has a member for each client, and names none of them by what it calls itself', async () => {
    const stage = await play(named)
    const phone = await join(stage, 'ann/phone', [shows('phone')])
    const laptop = await join(stage, 'ann/laptop', [shows('laptop')])
    await stage.clock.advance(50)
    const { members } = laptop.socket.bodies('presence')[0] ?? { members: [] }
    expect(sees(laptop)).toEqual({ [memberOf(phone)]: 'phone', [memberOf(laptop)]: 'laptop' })
    expect(members.every(({ identity }) => identity === 'ann')).toBe(true)
    expect(JSON.stringify(phone.socket.frames)).not.toContain('ann/')
    const stranger = await join(stage, '', [shows('nobody')], { client: 'x', auth: '' })
    await stage.clock.advance(50)
    expect(stranger.socket.bodies('presence')[0]?.members.at(-1)).toEqual({
      member: memberOf(stranger),
      state: '"nobody"',
    })
  })

  test('changes of one turn travel in one frame, those of a busy room in one every 50 ms', async () => {
    const stage = await play(named)
    const ann = await join(stage, 'ann', [watches])
    const bob = await join(stage, 'bob')
    await stage.clock.advance(50)
    await bob.say(says(shows(1)), says(leaves), says(shows(2)))
    expect(ann.socket.bodies('presence')).toHaveLength(2)
    for (let state = 3; state < 43; state++) {
      await bob.say(says(shows(state)))
      await stage.clock.advance(5)
    }
    await stage.clock.advance(50)
    expect(ann.socket.bodies('presence').length).toBeLessThanOrEqual(2 + 5)
    expect(sees(ann)).toEqual({ [memberOf(bob)]: 42 })
  })

  test('the same said again is told to nobody', async () => {
    const stage = await play(named)
    const ann = await join(stage, 'ann', [shows(1)])
    await stage.clock.advance(50)
    await ann.say(says(shows(1)), says(shows(1)))
    await stage.clock.advance(50)
    expect(ann.socket.bodies('presence')).toHaveLength(1)
  })
})

describe('a lost connection', () => {
  test('that comes back within the grace period is seen by nobody, as often as it flaps', async () => {
    const stage = await play(named)
    const ann = await join(stage, 'ann', [watches])
    await stage.clock.advance(50)
    let bob = await join(stage, 'bob', [shows(1)])
    const member = memberOf(bob)
    await stage.clock.advance(50)
    for (let flap = 0; flap < 5; flap++) {
      await bob.cut()
      await stage.clock.advance(9_999)
      bob = await join(stage, 'bob', [shows(1)])
    }
    await ann.say(['ping', { id: 1 }])
    await stage.clock.advance(20_000)
    expect(ann.socket.bodies('presence')).toHaveLength(2)
    expect([sees(ann), sees(bob)]).toEqual([{ [member]: 1 }, { [member]: 1 }])
  })

  test('[G57] that stays away leaves after 10 s; coming back it is a newcomer', async () => {
    const stage = await play(named)
    const ann = await join(stage, 'ann', [watches])
    const bob = await join(stage, 'bob', [shows(1)])
    const member = memberOf(bob)
    await bob.cut()
    await stage.clock.advance(9_999)
    expect(sees(ann)).toEqual({ [member]: 1 })
    await stage.clock.advance(1)
    expect(sees(ann)).toEqual({})
    const again = await join(stage, 'bob', [shows(2)])
    await stage.clock.advance(50)
    expect(sees(ann)).toEqual({ [memberOf(again)]: 2 })
  })

  test('comes back with another state, and leaves in time what it does not say again', async () => {
    const stage = await play(named)
    const ann = await join(stage, 'ann', [watches, { channel: 'other', watch: true }])
    const bob = await join(stage, 'bob', [shows(1), shows(1, { channel: 'other' })])
    await bob.cut()
    await stage.clock.advance(50)
    const again = await join(stage, 'bob', [shows(2)])
    await stage.clock.advance(9_949)
    const member = memberOf(again)
    expect([sees(ann), sees(ann, 'other')]).toEqual([{ [member]: 2 }, { [member]: 1 }])
    await stage.clock.advance(1)
    expect([sees(ann), sees(ann, 'other')]).toEqual([{ [member]: 2 }, {}])
    expect(stage.switchboard.stats().members).toBe(1)
  })

  test('whose hello says nothing of presence may still say it in the grace period', async () => {
    const stage = await play(named)
    const ann = await join(stage, 'ann', [watches, { channel: 'other', watch: true }])
    const bob = await join(stage, 'bob', [shows(1), shows(1, { channel: 'other' })])
    await stage.clock.advance(50)
    await bob.cut()
    const again = await join(stage, 'bob')
    await again.say(says(shows(1)))
    await stage.clock.advance(9_000)
    const { length } = ann.socket.bodies('presence')
    expect(sees(ann, 'other')).toEqual({ [memberOf(bob)]: 1 })
    await again.say(says({ channel: 'other', watch: false }))
    await stage.clock.advance(5_000)
    expect([sees(ann), sees(ann, 'other')]).toEqual([{ [memberOf(bob)]: 1 }, {}])
    expect(ann.socket.bodies('presence').length - length).toBe(1)
  })

  test('that comes back keeps its place while the app is asked whether it may', async () => {
    let answer = (_: boolean) => {}
    let asked = 0
    const authorize: Authorize = ({ identity }) => {
      if (identity === 'ann' || ++asked === 1) return true
      return new Promise((resolve) => {
        answer = resolve
      })
    }
    const stage = await play({ ...named, authorize })
    const ann = await join(stage, 'ann', [watches])
    const bob = await join(stage, 'bob', [shows(1)])
    await bob.cut()
    await stage.clock.advance(9_000)
    await join(stage, 'bob', [shows(2)])
    await stage.clock.advance(5_000)
    expect(sees(ann)).toEqual({ [memberOf(bob)]: 1 })
    answer(true)
    await stage.clock.advance(50)
    expect(sees(ann)).toEqual({ [memberOf(bob)]: 2 })
  })

  test('[P1] superseded by a newer one of its client is not seen by others', async () => {
    const stage = await play(named)
    const ann = await join(stage, 'ann', [watches])
    const older = await join(stage, 'bob', [shows(1)])
    await stage.clock.advance(50)
    const { length } = ann.socket.bodies('presence')
    await join(stage, 'bob', [shows(1)])
    expect(older.socket.end?.[0]).toBe(4009)
    await stage.clock.advance(15_000)
    expect(ann.socket.bodies('presence')).toHaveLength(length)
    expect(stage.switchboard.stats().members).toBe(1)
  })

  test('of a client that was forgotten meanwhile leaves one member, under its new name', async () => {
    const stage = await play({ ...named, limits: { sessionMs: 1_000 } })
    const ann = await join(stage, 'ann', [watches])
    const bob = await join(stage, 'bob', [shows(1)])
    await bob.cut()
    await stage.clock.advance(2_000)
    const again = await join(stage, 'bob', [shows(2)])
    await stage.clock.advance(50)
    expect(memberOf(again)).not.toBe(memberOf(bob))
    expect(sees(ann)).toEqual({ [memberOf(again)]: 2 })
  })

  test('[P13] a crashed gateway leaves no ghosts: its heir knows nobody until they say so', async () => {
    const stage = await play(named)
    await join(stage, 'ann', [shows(1)])
    const heir = await play(named)
    const bob = await join(heir, 'bob', [watches])
    expect(sees(bob)).toEqual({})
    expect(heir.switchboard.stats()).toMatchObject({ members: 0, watchers: 1 })
  })

  test('that ends with its own welcome leaves no ghost', async () => {
    const stage = await play(named)
    const ann = await join(stage, 'ann', [watches])
    const bob = await join(stage, 'bob', [shows(1)])
    await bob.cut()
    const flooded = stage.connect()
    flooded.socket.unsent = 40 * 1024 * 1024
    const features = ['presence']
    const hello = { ...HELLO, client: 'bob' as never, connection: 99, auth: 'bob', features }
    await flooded.say(['hello', { ...hello, presence: [shows(1)] }])
    expect(flooded.socket.end?.[0]).toBe(4008)
    await stage.clock.advance(10_000)
    expect(sees(ann)).toEqual({})
  })

  test('leaves nothing behind, neither timers nor rooms', async () => {
    const stage = await play({ ...named, limits: { sessionMs: 1 } })
    const ann = await join(stage, 'ann', [shows(1), shows(1, { channel: 'other' })])
    const bob = await join(stage, 'bob', [watches])
    await ann.cut()
    await bob.cut()
    await stage.clock.advance(10_000)
    expect(stage.clock.timers).toBe(0)
    expect(stage.switchboard.stats()).toMatchObject({ members: 0, watchers: 0 })
    const cid = await join(stage, 'cid', [shows(1)])
    await cid.cut()
    stage.switchboard.close()
    expect(stage.clock.timers).toBe(0)
  })
})

describe('what may not be', () => {
  test('[P13] who may not is neither shown nor told, and is taken out when it may no longer', async () => {
    let mayBob = true
    const authorize: Authorize = ({ action, identity }) => {
      if (action !== 'presence' || identity === 'ann') return true
      if (identity === 'cid') throw new Refusal('not-here')
      return mayBob
    }
    const stage = await play({ ...named, authorize })
    const ann = await join(stage, 'ann', [watches])
    const cid = await join(stage, 'cid', [shows(1)])
    const bob = await join(stage, 'bob', [shows(1)])
    await stage.clock.advance(50)
    expect([sees(ann), sees(cid)]).toEqual([{ [memberOf(bob)]: 1 }, undefined])
    mayBob = false
    await bob.say(says(shows(2)))
    await stage.clock.advance(50)
    expect(sees(ann)).toEqual({})
    expect(stage.switchboard.stats()).toMatchObject({ presenceRefused: 2, watchers: 1 })
    expect([cid.socket.end, bob.socket.end]).toEqual([undefined, undefined])
  })

  test('the newest statement counts, whatever order the app answers in', async () => {
    const answers: ((may: boolean) => void)[] = []
    const authorize: Authorize = ({ identity }) =>
      identity === 'ann' || new Promise((resolve) => answers.push(resolve))
    const stage = await play({ ...named, authorize })
    const ann = await join(stage, 'ann', [watches])
    const bob = await join(stage, 'bob')
    await bob.say(says(shows(1)), says(shows(2)))
    answers[1]?.(true)
    await settled()
    answers[0]?.(true)
    await settled()
    await stage.clock.advance(50)
    expect(sees(ann)).toEqual({ [memberOf(bob)]: 2 })
    await bob.say(says(shows(3)), says(leaves))
    answers[2]?.(true)
    await settled()
    await stage.clock.advance(50)
    expect(sees(ann)).toEqual({})
  })

  test('[P12] an app that fails means "later", as for a subscription', async () => {
    const authorize: Authorize = ({ action }) => {
      if (action === 'presence') throw new Error('no database')
      return true
    }
    const stage = await play({ ...named, authorize })
    const ann = await join(stage, 'ann', [watches])
    expect(ann.socket.end?.[0]).toBe(1013)
  })

  test('[P14] a state that is too long or no JSON is not shown; to watch is possible all the same', async () => {
    const stage = await play(named)
    const ann = await join(stage, 'ann', [shows('x'.repeat(4_094))])
    expect(sees(ann)).toEqual({ [memberOf(ann)]: 'x'.repeat(4_094) })
    for (const state of [`"${'x'.repeat(4_095)}"`, '{']) {
      await ann.say(says(shows(1)), says({ ...watches, state }))
      await stage.clock.advance(50)
      expect(sees(ann)).toEqual({})
    }
    expect(stage.switchboard.stats().presenceRefused).toBe(2)
  })

  test('[P14] a client is in a bounded number of channels', async () => {
    const stage = await play({ ...named, limits: { channels: 2 } })
    const ann = await join(stage, 'ann', [shows(1), shows(1, { channel: 'b' })])
    await ann.say(says(shows(1, { channel: 'c' })))
    expect(stage.switchboard.stats()).toMatchObject({ members: 2, presenceRefused: 1 })
    await ann.say(says({ channel: 'b', watch: false }))
    await ann.say(says(shows(1, { channel: 'c' })))
    expect(stage.switchboard.stats()).toMatchObject({ members: 2, presenceRefused: 1 })
    const many = ['a', 'b', 'c', 'd'].map((channel) => shows(1, { channel }))
    expect((await join(stage, 'bob', many)).socket.end).toBeUndefined()
    expect(stage.switchboard.stats()).toMatchObject({ members: 4, presenceRefused: 3 })
  })
})

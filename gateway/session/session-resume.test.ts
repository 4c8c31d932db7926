import { describe, expect, test } from 'vitest'
import { settled } from '../virtual-environment.js'
import { at } from './stage.js'
import { useStage } from './use-stage.js'

const { play } = useStage()

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)
const texts = (from: number, to: number): string[] => numbers(from, to).map(String)
const named = (count: number): string[] => numbers(1, count).map((n) => `c${n}`)

describe('resume', () => {
  test.each([1, 100, 1_000])(
    '[P6] [P7] one hello resumes %i channels: one message answers it, events follow at once',
    async (count) => {
      const { enter, publish } = await play()
      const names = named(count)
      // Every third one missed nothing, and every third one never spoke.
      for (const [index, name] of names.entries()) {
        if (index % 3 !== 2) await publish(name, ...numbers(1, 3))
      }
      const cursors = ['1', '3', '0']
      const channels = names.map((channel, index) => ({
        channel,
        cursor: at(cursors[index % 3] ?? '', 'epoch'),
      }))
      const ann = await enter({ channels, credit: 16_384 })
      const { frames, messages } = ann.socket
      expect(JSON.parse(messages[0] ?? '')).toHaveLength(1)
      const [welcome] = ann.socket.bodies('welcome')
      expect(welcome?.channels).toEqual(
        names.map((channel, index) => ({
          channel,
          epoch: 'epoch',
          id: cursors[index % 3],
          ...(index % 3 === 0 ? { state: 'replay', head: '3' } : { state: 'ok' }),
        })),
      )
      const missed = Math.ceil(count / 3)
      expect(frames.map(([type]) => type)).toEqual([
        'welcome',
        ...numbers(1, missed).map(() => 'events'),
      ])
      // Nothing more was said or asked, and all are live now.
      await publish(names[0] ?? '', 4)
      await publish(names[count - 1] ?? '', 'live')
      expect(ann.heard(names[0] ?? '').slice(0, 3)).toEqual(['2', '3', '4'])
      expect(ann.heard(names[count - 1] ?? '').at(-1)).toBe('"live"')
    },
  )

  test('[P6] one large channel does not hold up the others: page by page, in turn', async () => {
    const { enter, publish } = await play({ limits: { ringEvents: 10 }, retain: 100_000 })
    await publish('large', ...numbers(1, 5_000))
    const small = named(50)
    for (const channel of small) await publish(channel, 1, 2)
    const channels = ['large', ...small].map((channel) => ({ channel, cursor: at('', 'epoch') }))
    const { socket, heard } = await enter({ channels, credit: 16_384 })
    const order = socket.bodies('events').map(({ channel }) => channel)
    expect(order.slice(0, 52)).toEqual(['large', ...small, 'large'])
    expect(heard('large')).toEqual(texts(1, 5_000))
    for (const channel of small) expect(heard(channel)).toEqual(['1', '2'])
  })

  test('[P6] nor does it use up a credit that the others need', async () => {
    const { enter, publish } = await play({ limits: { ringEvents: 10 }, retain: 100_000 })
    await publish('large', ...numbers(1, 5_000))
    for (const channel of named(5)) await publish(channel, 1)
    const channels = ['large', ...named(5)].map((channel) => ({ channel, cursor: at('') }))
    const ann = await enter({ channels, credit: 100 })
    for (const channel of named(5)) expect(ann.heard(channel)).toEqual(['1'])
    await ann.say(['credit', { events: 10_000 }])
    expect(ann.heard('large')).toEqual(texts(1, 5_000))
  })

  test('[P6] nor do live events of the others wait for it', async () => {
    const { enter, publish, faults } = await play({ limits: { ringEvents: 1, frameEvents: 10 } })
    await publish('large', ...numbers(1, 100))
    const ann = await enter({ channels: [{ channel: 'live' }] })
    let open = () => {}
    faults.readGate = new Promise((resolve) => {
      open = resolve
    })
    await ann.say(['subscribe', { channel: 'large', cursor: at('', 'epoch') }])
    await publish('live', 'now')
    expect(ann.heard('live')).toEqual(['"now"'])
    open()
    faults.readGate = undefined
    await settled()
    expect(ann.heard('large')).toEqual(texts(1, 100))
  })

  test('[P6] [F37] a quiet channel past its retention is no gap, by hello, subscribe or fetch', async () => {
    const { enter, publish, log, switchboard } = await play({ retain: 3 })
    await publish('board', ...numbers(1, 10))
    await log.trim('board', 0)
    const cursor = at('10', 'epoch')
    const ann = await enter({ channels: [{ channel: 'board', cursor }] })
    const ok = { channel: 'board', state: 'ok', epoch: 'epoch', id: '10' }
    expect(ann.socket.bodies('welcome')[0]?.channels).toEqual([ok])
    await ann.say(['subscribe', { channel: 'board', cursor }])
    expect(ann.socket.bodies('subscribed')).toEqual([ok])
    await ann.say(['fetch', { id: 1, channel: 'board', cursor }])
    expect(ann.socket.bodies('page')).toMatchObject([{ state: 'events', events: [], more: false }])
    await publish('board', 11)
    expect(ann.heard('board')).toEqual(['11'])
    expect(switchboard.stats().gaps.trimmed).toBe(0)
  })

  test('[P6] [F37] nor is one that never spoke, before and after its first event', async () => {
    const { enter, publish } = await play()
    const first = await enter({ channels: [{ channel: 'quiet' }] })
    const [answer] = first.socket.bodies('welcome')[0]?.channels ?? []
    const cursor = answer?.state === 'ok' ? at(answer.id, answer.epoch) : at('?')
    await first.cut()
    const second = await enter({ channels: [{ channel: 'quiet', cursor }] })
    expect(second.socket.bodies('welcome')[0]?.channels).toEqual([answer])
    await second.cut()
    await publish('quiet', 1)
    const third = await enter({ channels: [{ channel: 'quiet', cursor }] })
    expect(third.heard('quiet')).toEqual(['1'])
  })

  test('[P6] [F36] a clean close and a resumed session excuse nothing: what was missed is told', async () => {
    const { connect, enter, publish, log } = await play()
    await publish('board', 1)
    const channels = [{ channel: 'board', cursor: at('1', 'epoch') }]
    const session = (await enter({ channels })).socket.bodies('welcome')[0]?.session ?? ''
    const clean = connect()
    await clean.say([
      'hello',
      {
        versions: [1],
        features: [],
        client: 'ann' as never,
        connection: 50,
        session,
        channels,
        lanes: [],
        credit: 9,
      },
    ])
    clean.socket.close(1000, '')
    await settled()
    await publish('board', 2, 3)
    const back = await enter({ connection: 51, session, channels })
    expect(back.socket.bodies('welcome')[0]).toMatchObject({
      resumed: true,
      channels: [{ state: 'replay', id: '1', head: '3' }],
    })
    expect(back.heard('board')).toEqual(['2', '3'])
    back.socket.close(1000, '')
    await settled()
    await publish('board', 4, 5)
    await log.trim('board', 1)
    const late = await enter({
      connection: 52,
      session,
      channels: [{ channel: 'board', cursor: at('3', 'epoch') }],
    })
    expect(late.socket.bodies('welcome')[0]).toMatchObject({
      resumed: true,
      channels: [{ state: 'gap', reason: 'trimmed', id: '5' }],
    })
  })

  test('[P6] [F39] epoch and position go together, in whatever way the client comes', async () => {
    const { enter, publish } = await play()
    await publish('board', 1, 2)
    const cursor = at('2', 'another')
    const gap = { epoch: 'epoch', reason: 'epoch' }
    const ann = await enter({ channels: [{ channel: 'board', cursor }] })
    const state = { state: 'gap', ...gap }
    expect(ann.socket.bodies('welcome')[0]?.channels).toMatchObject([{ ...state, id: '2' }])
    await ann.say(['subscribe', { channel: 'board', cursor }])
    expect(ann.socket.bodies('subscribed')).toMatchObject([{ ...state, id: '2' }])
    await ann.say(['fetch', { id: 1, channel: 'board', cursor }])
    expect(ann.socket.bodies('page')).toMatchObject([{ ...state, head: '2' }])
    await publish('board', 3)
    expect(ann.socket.bodies('events')).toMatchObject([{ epoch: 'epoch', after: '2' }])
  })

  test('[P6] [F38] events that come while 100 channels are resumed arrive once and in order', async () => {
    const { enter, publish, faults } = await play({ limits: { ringEvents: 2, frameEvents: 2 } })
    const names = named(100)
    for (const name of names) await publish(name, ...numbers(1, 5))
    let open = () => {}
    faults.readGate = new Promise((resolve) => {
      open = resolve
    })
    const channels = names.map((channel) => ({ channel, cursor: at('0', 'epoch') }))
    const entering = enter({ channels, credit: 100_000 })
    const racing = names.map((name) => publish(name, 6))
    faults.readGate = undefined
    open()
    const ann = await entering
    await Promise.all(racing)
    for (const name of names) await publish(name, 7)
    for (const name of names) expect(ann.heard(name)).toEqual(texts(1, 7))
  })
})

test('the welcome says what this server can, and by what name others know the client', async () => {
  const { enter } = await play()
  const ann = await enter()
  const [welcome] = ann.socket.bodies('welcome')
  expect(welcome?.features).toEqual(['pages', 'requests', 'signals', 'presence'])
  expect(welcome?.member).toMatch(/./)
})

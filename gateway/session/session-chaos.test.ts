import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DownFrame } from '../../protocol/wire/frames-down.js'
import type { Authorize } from '../operations/operations.js'
import { Unauthorized } from '../unauthorized.js'
import { type Actor, at, createStage, op, type Stage } from './stage.js'

/** What may happen to one client, its server and its log. */
const act = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('publish' as const),
      n: fc.integer({ min: 1, max: 9 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('send' as const), n: fc.integer({ min: 1, max: 5 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('credit' as const),
      n: fc.integer({ min: 1, max: 12 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cut' as const), n: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('break' as const), n: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('stale' as const), n: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('trim' as const), n: fc.integer({ min: 0, max: 20 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fill' as const), n: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      n: fc.integer({ min: 1, max: 3_000 }),
    }),
  },
)

/** A client that keeps its side of the protocol, in the simplest way. */
async function createClient(stage: Stage, credit: number) {
  let actor: Actor
  let read = 0
  let nextSeq = 1
  let position = { epoch: 'epoch', id: '0' }
  let missed = false
  const heard: number[] = []
  const settledSeqs: number[] = []
  const unsettled: number[] = []
  let mustResend = false

  function settle(seq: number): void {
    while (unsettled[0] !== undefined && unsettled[0] <= seq)
      settledSeqs.push(unsettled.shift() ?? 0)
  }

  function take([type, body]: DownFrame): void {
    if (type === 'events') {
      expect([body.epoch, body.after]).toEqual([position.epoch, position.id])
      for (const [id, payload] of body.events) {
        position = { epoch: body.epoch, id }
        heard.push(Number(payload))
      }
    }
    const answer =
      type === 'welcome' ? body.channels[0] : type === 'gap' ? { ...body, state: 'gap' } : undefined
    if (answer && 'id' in answer) {
      if (answer.state === 'gap') missed = true
      else expect(answer.id).toBe(position.id)
      position = { epoch: answer.epoch, id: answer.id }
    }
    if (type === 'ack') settle(body.seq)
    if (type === 'nack') {
      expect(body.verdict).not.toBe('drop')
      mustResend = true
    }
  }

  function listen(): void {
    const { frames } = actor.socket
    while (read < frames.length) take(frames[read++] as DownFrame)
  }

  const resend = async (): Promise<void> => {
    mustResend = false
    if (unsettled.length) await actor.say(...unsettled.map((seq) => op(seq, { channel: 'ops' })))
    listen()
  }

  async function enter(): Promise<void> {
    read = 0
    const lanes = unsettled[0] === undefined ? [] : [{ lane: 'board', epoch: 1, seq: unsettled[0] }]
    const cursor = at(position.id, position.epoch)
    actor = await stage.enter({ channels: [{ channel: 'board', cursor }], lanes, credit })
    listen()
    await resend()
  }

  await enter()
  return {
    heard,
    settledSeqs,
    unsettled,
    get missed() {
      return missed
    },
    listen,
    resend,
    async send(n: number) {
      for (let i = 0; i < n; i++) unsettled.push(nextSeq++)
      // Sent again with what waits, so that repeats are the rule.
      await resend()
    },
    grant: (events: number) => actor.say(['credit', { events }]),
    async cut() {
      await actor.cut()
      await enter()
    },
    fill: () => {
      actor.socket.unsent = actor.socket.unsent ? 0 : 2_000_000
    },
    drain: () => {
      actor.socket.unsent = 0
    },
    ping: () => actor.say(['ping', { id: 1 }]),
    isMustResend: () => mustResend,
  }
}

test('[P3] [P4] [P6] [F29] [F38] [F44] whatever happens, events come in order or with a gap, operations take effect once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 60 }), async (acts) => {
      let stale = 0
      const authorize: Authorize = ({ action }) => {
        if (action === 'publish' && stale-- > 0) throw new Unauthorized()
        return true
      }
      const limits = { ringEvents: 5, frameEvents: 4, window: 1_000 }
      const stage = await createStage({ authorize, limits })
      const client = await createClient(stage, 5)
      let published = 0
      for (const { do: what, n } of acts) {
        if (what === 'publish') {
          await stage.publish('board', ...Array.from({ length: n }, () => ++published))
        } else if (what === 'send') await client.send(n)
        else if (what === 'credit') await client.grant(n)
        else if (what === 'cut') await client.cut()
        else if (what === 'break') stage.faults.commits = n
        else if (what === 'stale') stale = n
        else if (what === 'trim') await stage.log.trim('board', n)
        else if (what === 'fill') client.fill()
        else await stage.clock.advance(n)
        client.listen()
        if (client.isMustResend()) await client.resend()
        await client.ping()
      }
      stage.faults.commits = 0
      stale = 0
      client.drain()
      await client.grant(1_000)
      await stage.clock.advance(100)
      client.listen()
      await client.resend()

      expect(client.heard).toEqual([...new Set(client.heard)].sort((a, b) => a - b))
      if (!client.missed) expect(client.heard).toHaveLength(published)
      if (published && client.heard.at(-1) !== published) expect(client.missed).toBe(true)
      const page = await stage.log.read('ops', at(''), 9_999)
      const applied =
        page.state === 'events' ? page.events.map(([, payload]) => Number(payload)) : []
      expect([client.settledSeqs, client.unsettled]).toEqual([applied, []])
      expect(applied).toEqual(applied.map((_, index) => index + 1))
      await stage.close()
    }),
    { numRuns: 200, seed: 4 },
  )
}, 30_000)

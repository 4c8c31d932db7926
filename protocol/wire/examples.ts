/**
 * Owns one whole example of every frame, with every optional field: what tests of both sides begin
 * with. The types make sure that none is missing.
 */
import type { ClientId, Epoch, EventId, Key } from '../ids.js'
import type { DownBody, DownFrame, DownType } from './frames-down.js'
import type { UpBody, UpFrame, UpType } from './frames-up.js'

const epoch = 'e1' as Epoch
const id = (text: string): EventId => text as EventId

const up: { readonly [Type in UpType]: UpBody<Type> } = {
  hello: {
    versions: [1],
    features: ['x-a'],
    client: 'c1' as ClientId,
    connection: 7,
    session: 's1',
    auth: 'token',
    channels: [
      { channel: 'board/7', cursor: { epoch, id: id('41') } },
      { channel: 'board/8', cursor: { id: id('') } },
      { channel: 'news' },
    ],
    lanes: [{ lane: 'board/7', epoch: 2, seq: 5 }],
    presence: [{ channel: 'board/7', watch: true, state: '{"cursor":3}' }],
    credit: 1_000,
  },
  subscribe: { channel: 'board/9', cursor: { epoch, id: id('3') } },
  unsubscribe: { channel: 'board/9' },
  op: {
    lane: 'board/7',
    epoch: 2,
    seq: 5,
    key: '018f2b6e-7a10-7000-8000-000000000001' as Key,
    type: 'publish',
    channel: 'board/7',
    payload: '{"move":1}',
    ttl: 60_000,
    withdrawn: true,
  },
  fetch: { id: 1, channel: 'board/7', cursor: { epoch, id: id('41') } },
  request: { id: 2, type: 'task.list', channel: 'board/7', payload: '{}', timeout: 5_000 },
  cancel: { id: 2 },
  signal: { channel: 'board/7', payload: '{"typing":true}' },
  presence: { channel: 'board/7', watch: true, state: '{"cursor":3}' },
  credit: { events: 500 },
  ping: { id: 1 },
  auth: { token: 'token 2' },
}

const down: { readonly [Type in DownType]: DownBody<Type> } = {
  welcome: {
    version: 1,
    features: [],
    session: 's1',
    resumed: true,
    member: 'm1',
    limits: {
      window: 1_024,
      payload: 262_144,
      message: 2_097_152,
      channels: 10_000,
      keys: 604_800_000,
    },
    heartbeat: { interval: 25_000, timeout: 10_000 },
    channels: [
      { channel: 'news', state: 'ok', epoch, id: id('0') },
      { channel: 'board/7', state: 'replay', epoch, id: id('41'), head: id('43') },
      { channel: 'board/8', state: 'gap', epoch, id: id('9'), reason: 'trimmed' },
      { channel: 'secret', state: 'denied', why: 'not yours' },
    ],
    lanes: [{ lane: 'board/7', epoch: 2, seq: 4 }],
    time: 1_700_000_000_000,
  },
  subscribed: { channel: 'board/9', state: 'ok', epoch, id: id('3') },
  events: {
    channel: 'board/7',
    epoch,
    after: id('41'),
    events: [
      [id('42'), '{"move":1}'],
      [id('43'), '2'],
    ],
  },
  gap: { channel: 'board/7', epoch, id: id('99'), reason: 'slow' },
  ack: { lane: 'board/7', epoch: 2, seq: 5, results: [[5, '{"id":"44"}']] },
  nack: {
    lane: 'board/7',
    epoch: 2,
    seq: 6,
    verdict: 'retry',
    code: 'not-now',
    why: 'no',
    after: 1_000,
    spread: 1_000,
  },
  page: {
    id: 1,
    state: 'events',
    epoch,
    after: id('41'),
    events: [[id('42'), '{"move":2}']],
    more: true,
  },
  response: { id: 2, result: '[]', error: { code: 'failed', why: 'nobody knows' } },
  signal: { channel: 'board/7', member: 'm2', payload: '{"typing":true}' },
  presence: {
    channel: 'board/7',
    whole: true,
    members: [{ member: 'm2', identity: 'bob', state: '{"cursor":1}' }],
    left: ['m3'],
  },
  pong: { id: 1 },
  'auth-needed': { within: 30_000, why: 'the token ends soon' },
  drain: { in: 1_000, spread: 4_000, why: 'deploy', url: 'wss://b.example/line' },
  bye: { code: 4002, why: 'deploy', after: 0, spread: 4_000 },
}

export const UP_EXAMPLES = Object.entries(up) as unknown as readonly UpFrame[]
export const DOWN_EXAMPLES = Object.entries(down) as unknown as readonly DownFrame[]

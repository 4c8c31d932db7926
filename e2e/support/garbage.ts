/**
 * Owns the generators of what a broken or hostile server may send: not JSON, JSON that is no message,
 * frames with wrong bodies, binary, and whole frames at the wrong moment. None of it is a valid
 * answer to anything, so a client that believes a word of it has lost something.
 */
import fc from 'fast-check'
import { down } from '../../protocol/index.js'

const TYPES = Object.keys(down)

const name = fc.oneof(fc.string({ maxLength: 8 }), fc.constant('no-such-lane'))
const number = fc.oneof(fc.integer(), fc.double(), fc.constant(2 ** 53))

const notJson = fc.string().filter((text) => !isJson(text))
const noMessage = fc.json().filter((text) => !text.startsWith('[]'))
const noFrame = fc.array(fc.jsonValue(), { minLength: 1 }).map((frames) => JSON.stringify(frames))

/** A known type with anything for a body. */
const wrongBody = fc
  .tuple(fc.constantFrom(...TYPES), fc.jsonValue())
  .filter(([type]) => type !== 'bye')
  .map((frame) => JSON.stringify([frame]))

const unknownType = fc
  .tuple(fc.string({ minLength: 1 }), fc.jsonValue())
  .filter(([type]) => !TYPES.includes(type))
  .map((frame) => JSON.stringify([frame]))

/** Well formed, and about things that never were. */
const outOfPlace = fc
  .oneof(
    fc.tuple(fc.constant('ack'), fc.record({ lane: name, epoch: number, seq: number })),
    fc.tuple(
      fc.constant('nack'),
      fc.record({
        lane: name,
        epoch: number,
        seq: number,
        verdict: fc.constantFrom('drop', 'retry'),
        code: name,
      }),
    ),
    fc.tuple(fc.constant('pong'), fc.record({ id: number })),
    fc.tuple(
      fc.constant('events'),
      fc.record({
        channel: fc.constantFrom('news', 'elsewhere'),
        epoch: name,
        after: fc.constant('no such event'),
        events: fc.array(fc.tuple(name, fc.string()), { minLength: 1, maxLength: 3 }),
      }),
    ),
    fc.tuple(
      fc.constant('subscribed'),
      fc.record({
        channel: fc.constant('elsewhere'),
        state: fc.constant('ok'),
        epoch: name,
        id: name,
      }),
    ),
    fc.tuple(fc.constant('welcome'), fc.jsonValue()),
  )
  .map((frame) => JSON.stringify([frame]))

const binary = fc.uint8Array({ maxLength: 64 })

export const garbage: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  notJson,
  noMessage,
  noFrame,
  wrongBody,
  unknownType,
  outOfPlace,
  binary,
)

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/**
 * Owns the only parse of the wire: text ↔ frames. A WebSocket message is an array of frames
 * `[type, body]`.
 *
 * Whatever a peer sends, decoding returns: frames, or a violation with the close code it deserves
 * (F46). Unknown fields and unknown frame types that begin with `x-` are ignored, so that either
 * side can be extended before the other; any other unknown type is a violation, because to skip what
 * one does not understand is how events get lost.
 */
import * as v from 'valibot'
import { CLOSE } from './close-codes.js'
import { type DownFrame, down } from './frames-down.js'
import { type UpFrame, up } from './frames-up.js'
import { FRAMES_MAX } from './limits.js'

export interface Violation {
  /** The close code that whoever sent this deserves. */
  readonly close: number
  /** For logs; a stranger debugging a server reads it. */
  readonly why: string
}

export type Decoded<Frame> =
  | { readonly ok: true; readonly frames: readonly Frame[] }
  | { readonly ok: false; readonly violation: Violation }

type Schemas = Readonly<Record<string, v.GenericSchema>>

const violation = (close: number, why: string): Decoded<never> => ({
  ok: false,
  violation: { close, why },
})

function decode<Frame>(schemas: Schemas, message: unknown, maxLength: number): Decoded<Frame> {
  if (typeof message !== 'string') {
    return violation(CLOSE.unsupportedData, 'binary messages are not part of this protocol')
  }
  if (message.length > maxLength) {
    return violation(
      CLOSE.tooLarge,
      `a message of ${message.length} characters exceeds ${maxLength}`,
    )
  }
  let parsed: unknown
  try {
    parsed = JSON.parse(message)
  } catch {
    return violation(CLOSE.invalidPayload, 'a message that is not JSON')
  }
  if (!Array.isArray(parsed) || parsed.length > FRAMES_MAX) {
    return violation(CLOSE.protocolError, 'a message is an array of frames')
  }
  const frames: Frame[] = []
  for (const frame of parsed as unknown[]) {
    if (!Array.isArray(frame) || typeof frame[0] !== 'string') {
      return violation(CLOSE.protocolError, 'a frame is [type, body]')
    }
    const type: string = frame[0]
    const schema = Object.hasOwn(schemas, type) ? schemas[type] : undefined
    if (!schema) {
      if (type.startsWith('x-')) continue
      return violation(CLOSE.protocolError, `unknown frame "${type.slice(0, 64)}"`)
    }
    const body = v.safeParse(schema, frame[1], { abortEarly: true })
    if (!body.success) {
      const at = v.getDotPath(body.issues[0]) ?? 'body'
      return violation(
        CLOSE.protocolError,
        `${type}: ${at}: ${body.issues[0].message}`.slice(0, 500),
      )
    }
    frames.push([type, body.output] as Frame)
  }
  return { ok: true, frames }
}

export const decodeUp = (message: unknown, maxLength: number): Decoded<UpFrame> =>
  decode(up, message, maxLength)

export const decodeDown = (message: unknown, maxLength: number): Decoded<DownFrame> =>
  decode(down, message, maxLength)

export const encode = (frames: readonly (UpFrame | DownFrame)[]): string => JSON.stringify(frames)

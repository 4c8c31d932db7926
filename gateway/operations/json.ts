/**
 * Owns the check that what goes into the log is what a client can be sent: JSON text of bearable
 * size, under a name that fits the wire. What is once in the log cannot be taken back.
 */
import { NAME_MAX } from '../../protocol/wire/limits.js'
import { isStorable } from '../log/text.js'
import { Refusal } from '../refusal.js'

export function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Refusal('bad-payload', 'not JSON')
  }
}

/** What does not fit now will never fit: the errors here are refusals. */
export function toJson(value: unknown, limit: number): string {
  const text: string | undefined = JSON.stringify(value)
  if (text === undefined) throw new Refusal('not-json', `JSON cannot carry a ${typeof value}`)
  if (text.length > limit) {
    throw new Refusal('too-large', `${text.length} characters of JSON exceed ${limit}`)
  }
  return text
}

export function checkChannel(channel: string): string {
  if (channel && channel.length <= NAME_MAX && isStorable(channel)) return channel
  throw new Refusal('bad-channel', `a channel has a name of 1 to ${NAME_MAX} characters`)
}

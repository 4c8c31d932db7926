/**
 * Owns what a ring does: one event for whoever listens. That it came in time is the gateway's word; one
 * that did not never reaches this file.
 */
import { type Operation, Refusal } from 'partyline/gateway'
import { bellOf, type Ring } from '../shared/bell.js'
import { BOARD_PATTERN } from '../shared/commands.js'

const PREFIX = bellOf('')

export const isBell = (channel: string): boolean =>
  channel.startsWith(PREFIX) && BOARD_PATTERN.test(channel.slice(PREFIX.length))

export const ring: Operation = (_, { lane, identity }) => {
  if (!isBell(lane)) throw new Refusal('no-board', 'There is no such board.')
  return { publish: [{ channel: lane, payload: { by: identity } satisfies Ring }] }
}

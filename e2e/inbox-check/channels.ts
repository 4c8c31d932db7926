/**
 * Owns the channels of one session on the gateway: their names, what is published to them by the
 * server's side, and the memory of all they ever had, which neither a trim nor an emptied log touches.
 */
import type { Gateway } from '../support/gateway.js'
import type { GatewayEvent, Place } from '../support/gateway-questions.js'
import { CHANNELS, type ChannelName } from './plan.js'
import { brief, type Fact, type History, idIn, type LogEntry } from './story.js'

export interface Channels {
  nameOf(channel: ChannelName): string
  /** One after the other, while other things happen. What a dying gateway does not take is not said again. */
  publish(channel: ChannelName, payloads: readonly string[]): void
  trim(channel: ChannelName, keep: number): Promise<void>
  /** Resolves when nothing is being published any more. */
  settled(): Promise<void>
  /** Ids that are known by now, oldest first. */
  known(channel: ChannelName): readonly Place[]
  /** All that there ever was. */
  logs(): Promise<ReadonlyMap<string, readonly History[]>>
}

export function createChannels(
  prefix: string,
  gateway: Gateway,
  record: (fact: Fact) => void,
): Channels {
  /** The entries of a channel by its epochs. */
  const all = new Map<ChannelName, Map<string, Map<string, LogEntry>>>()
  const places = new Map<ChannelName, Place[]>()
  const publishing = new Set<Promise<void>>()
  const nameOf = (channel: ChannelName): string => `${prefix}/${channel}`

  function keep(
    channel: ChannelName,
    epoch: string,
    events: readonly GatewayEvent[],
  ): readonly History[] {
    const own = all.get(channel) ?? new Map<string, Map<string, LogEntry>>()
    all.set(channel, own)
    const entries = own.get(epoch) ?? new Map<string, LogEntry>()
    own.set(epoch, entries)
    for (const { id, payload } of events) {
      entries.set(id, { id: idIn(epoch, id), payload: brief(payload) })
    }
    return Array.from(own, ([name, known]) => ({ epoch: name, entries: [...known.values()] }))
  }

  async function publishAll(channel: ChannelName, payloads: readonly string[]): Promise<void> {
    for (const payload of payloads) {
      const id = await gateway.publish(nameOf(channel), payload)
      const { epoch } = await gateway.position(nameOf(channel))
      places.set(channel, [...(places.get(channel) ?? []), { epoch, id }])
    }
  }

  return {
    nameOf,
    publish(channel, payloads) {
      // Its death in the middle is part of the plan.
      const running = publishAll(channel, payloads).catch(() => {})
      publishing.add(running)
      void running.then(() => publishing.delete(running))
    },
    async trim(channel, count) {
      const name = nameOf(channel)
      const { epoch } = await gateway.position(name)
      const entries = await gateway.trim(name, count)
      keep(channel, epoch, entries)
      const upTo = entries.at(-1 - count)?.id
      if (upTo !== undefined) record({ fact: 'trimmed', channel: name, upTo: idIn(epoch, upTo) })
    },
    async settled() {
      await Promise.all(publishing)
    },
    known: (channel) => places.get(channel) ?? [],
    async logs() {
      const logs = new Map<string, readonly History[]>()
      for (const channel of CHANNELS) {
        const name = nameOf(channel)
        const { epoch } = await gateway.position(name)
        logs.set(name, keep(channel, epoch, await gateway.read(name)))
      }
      return logs
    },
  }
}

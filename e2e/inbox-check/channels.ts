/**
 * Owns the channels of one session on the gateway: their names, what is published to them by the
 * server's side, and the memory of all they ever had, which a trim does not touch.
 */
import type { Gateway } from '../support/gateway.js'
import { CHANNELS, type ChannelName } from './plan.js'
import type { Fact, LogEntry } from './story.js'

export interface Channels {
  nameOf(channel: ChannelName): string
  /** One after the other, while other things happen. What a dying gateway does not take is not said again. */
  publish(channel: ChannelName, payloads: readonly string[]): void
  trim(channel: ChannelName, keep: number): Promise<void>
  /** Resolves when nothing is being published any more. */
  settled(): Promise<void>
  /** Ids that are known by now, oldest first. */
  known(channel: ChannelName): readonly string[]
  /** All that there ever was. */
  logs(): Promise<ReadonlyMap<string, readonly LogEntry[]>>
}

export function createChannels(
  prefix: string,
  gateway: Gateway,
  record: (fact: Fact) => void,
): Channels {
  const all = new Map<ChannelName, Map<string, LogEntry>>()
  const ids = new Map<ChannelName, string[]>()
  const publishing = new Set<Promise<void>>()
  const nameOf = (channel: ChannelName): string => `${prefix}/${channel}`

  function keep(channel: ChannelName, entries: readonly LogEntry[]): readonly LogEntry[] {
    const own = all.get(channel) ?? new Map<string, LogEntry>()
    all.set(channel, own)
    for (const entry of entries) own.set(entry.id, entry)
    return [...own.values()]
  }

  async function publishAll(channel: ChannelName, payloads: readonly string[]): Promise<void> {
    for (const payload of payloads) {
      const id = await gateway.publish(nameOf(channel), payload)
      ids.set(channel, [...(ids.get(channel) ?? []), id])
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
      const entries = await gateway.trim(nameOf(channel), count)
      keep(channel, entries)
      const upTo = entries.at(-1 - count)?.id
      if (upTo !== undefined) record({ fact: 'trimmed', channel: nameOf(channel), upTo })
    },
    async settled() {
      await Promise.all(publishing)
    },
    known: (channel) => ids.get(channel) ?? [],
    async logs() {
      const logs = new Map<string, readonly LogEntry[]>()
      for (const channel of CHANNELS) {
        logs.set(nameOf(channel), keep(channel, await gateway.read(nameOf(channel))))
      }
      return logs
    },
  }
}

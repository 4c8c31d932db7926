/**
 * Owns the last events of the channels that somebody wants kept (`history`): how many of each, what fits
 * within the bounds of all (P14), and what the disk has to be told. The kept events of a channel end
 * where its cursor on disk stands, without a hole, so whoever begins with them goes on from that
 * cursor and misses nothing (P6, P7). Cursor and events are to be written in one transaction.
 *
 * It does not write. What it has told counts as written, unless it hears that it was refused.
 */
import type { Cursor } from '../../protocol/ids.js'
import { SEPARATOR } from '../../protocol/port.js'
import type { Change, KeptEvent, Loaded } from '../storage/store.js'
import type { Run } from './progress.js'

export interface Histories {
  /** From now on the channel keeps at least so many; says whether that is news to the disk. */
  want(channel: string, count: number): boolean
  /** The last so many, if there are any. */
  recall(channel: string, count: number): Kept | undefined
  /**
   * The channel's cursor goes from one place to another. A run that does not follow on the first
   * leaves nothing of what was kept before; without a run nobody knows what lies between.
   */
  seen(channel: string, from: Cursor | undefined, to: Cursor, run: Run | undefined): void
  /** What has changed since the last call. */
  changes(): readonly Change[]
  /** The last changes are not on disk, or nobody knows: what comes next stands for itself. */
  refused(): void
  /** Everything that is kept, as changes to an empty disk. */
  snapshot(): readonly Change[]
}

/** Events from the disk, and where the channel stands with the last of them. */
export interface Kept {
  readonly cursor: Cursor
  readonly ids: Run['ids']
  readonly payloads: string
}

/** Over all channels. */
export const HISTORIES_EVENTS = 5_000
export const HISTORIES_CHARACTERS = 4 * 1024 * 1024
/** Of one channel. */
export const HISTORY_EVENTS = 1_000

interface History {
  limit: number
  events: KeptEvent[]
  characters: number
  /** The `n` of the next one. */
  next: number
  /** What the disk has: how many it is to keep, and from which `n` on it has which; undefined: nobody knows. */
  disk: { limit: number; from: number; to: number } | undefined
  /** Others needed the room: it is off the disk until there is something to keep again. */
  isEvicted: boolean
}

const sizeOf = ({ id, payload }: KeptEvent): number => id.length + payload.length
const sum = (events: readonly KeptEvent[]): number =>
  events.reduce((total, event) => total + sizeOf(event), 0)

export function createHistories(loaded: Loaded['histories']): Histories {
  /** The least recently used first; across restarts nobody remembers which that was. */
  const all = new Map<string, History>()
  const dirty = new Set<string>()
  let events = 0
  let characters = 0

  for (const [channel, { limit, events: kept }] of loaded) {
    const [first, last] = [kept[0], kept.at(-1)]
    const history: History = {
      limit: Math.min(limit, HISTORY_EVENTS),
      events: [...kept],
      characters: sum(kept),
      next: (last?.n ?? 0) + 1,
      // Where nothing could be read there may be something that nobody can read.
      disk: first && last && { limit, from: first.n, to: last.n + 1 },
      isEvicted: false,
    }
    all.set(channel, history)
    count(history, 1)
  }

  function count(history: History, sign: 1 | -1): void {
    events += sign * history.events.length
    characters += sign * history.characters
  }

  /** Gives it more events, or others, and drops the oldest of what is too much. */
  function add(history: History, fresh: readonly KeptEvent[], isMore: boolean): void {
    count(history, -1)
    const kept = isMore ? history.events : []
    kept.push(...fresh)
    let size = (isMore ? history.characters : 0) + sum(fresh)
    const tooMany = Math.max(0, kept.length - history.limit)
    let dropped = 0
    for (const event of kept) {
      if (dropped >= tooMany && size <= HISTORIES_CHARACTERS) break
      size -= sizeOf(event)
      dropped += 1
    }
    kept.splice(0, dropped)
    history.events = kept
    history.characters = size
    count(history, 1)
  }

  function use(channel: string, history: History): void {
    all.delete(channel)
    all.set(channel, history)
  }

  function evict(): void {
    for (const [channel, history] of all) {
      if (events <= HISTORIES_EVENTS && characters <= HISTORIES_CHARACTERS) return
      if (!history.events.length) continue
      add(history, [], false)
      history.isEvicted = true
      dirty.add(channel)
    }
  }

  function whole(channel: string, { limit, events: kept }: History): Change[] {
    return [
      { type: 'put-history', channel, limit },
      ...(kept.length ? [{ type: 'put-events', channel, events: [...kept] } as const] : []),
    ]
  }

  function changesOf(channel: string, history: History): Change[] {
    const { limit, next, disk, isEvicted } = history
    if (isEvicted) {
      history.disk = undefined
      return [{ type: 'delete-history', channel }]
    }
    const from = history.events[0]?.n ?? next
    history.disk = { limit, from, to: next }
    if (!disk) return [{ type: 'delete-history', channel }, ...whole(channel, history)]
    const changes: Change[] = []
    const fresh = history.events.filter(({ n }) => n >= disk.to)
    if (disk.limit !== limit) changes.push({ type: 'put-history', channel, limit })
    if (disk.from < from) changes.push({ type: 'delete-events', channel, below: from })
    if (fresh.length) changes.push({ type: 'put-events', channel, events: fresh })
    return changes
  }

  return {
    want(channel, asked) {
      const wanted = Math.min(Math.floor(asked), HISTORY_EVENTS)
      if (!(wanted >= 1)) return false
      const history = all.get(channel) ?? {
        limit: 0,
        events: [],
        characters: 0,
        next: 1,
        disk: undefined,
        isEvicted: false,
      }
      use(channel, history)
      if (history.limit >= wanted && !history.isEvicted) return false
      history.limit = Math.max(history.limit, wanted)
      history.isEvicted = false
      dirty.add(channel)
      return true
    },

    recall(channel, asked) {
      const kept = all.get(channel)?.events.slice(-asked) ?? []
      const last = kept.at(-1)
      return (
        last && {
          cursor: { epoch: last.epoch, id: last.id },
          ids: kept.map(({ id }) => id),
          payloads: kept.map(({ payload }) => payload).join(SEPARATOR),
        }
      )
    },

    seen(channel, from, to, run) {
      const history = all.get(channel)
      if (!history) return
      use(channel, history)
      const { epoch } = to
      const { ids, payloads } = run ?? { ids: [], payloads: '' }
      const begin = run && from?.epoch === epoch ? follow(from, run) : undefined
      // Of what would be dropped at once nothing is taken in.
      const first = Math.max(begin ?? 0, ids.length - history.limit)
      // Engines cut a text without a copy: of a whole burst the last line would hold all.
      const texts = structuredClone(payloads.split(SEPARATOR).slice(first))
      const n = history.next
      const fresh = ids
        .slice(first)
        .map((id, i): KeptEvent => ({ n: n + i, epoch, id, payload: texts[i] ?? '' }))
      history.next += fresh.length
      add(history, fresh, first === begin)
      history.isEvicted &&= !history.events.length
      dirty.add(channel)
      evict()
    },

    changes() {
      const changes = [...dirty].flatMap((channel) => {
        const history = all.get(channel)
        return history ? changesOf(channel, history) : []
      })
      dirty.clear()
      return changes
    },

    refused() {
      for (const [channel, history] of all) {
        history.disk = undefined
        dirty.add(channel)
      }
    },

    snapshot: () =>
      [...all].flatMap(([channel, history]) => (history.isEvicted ? [] : whole(channel, history))),
  }
}

/** Where in the run the events begin that come after the cursor; undefined: it does not follow on. */
function follow({ id }: Cursor, { after, ids }: Run): number | undefined {
  if (after === id) return 0
  const index = ids.lastIndexOf(id)
  return index < 0 ? undefined : index + 1
}

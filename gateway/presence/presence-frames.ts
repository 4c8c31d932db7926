/**
 * Owns the text in which changes of presence travel: cut into messages of bearable size, made once and
 * shared by all who are told the same (P14).
 */
import { encode } from '../../protocol/wire/codec.js'
import type { DownBody } from '../../protocol/wire/frames-down.js'

export type Shown = DownBody<'presence'>['members'][number]

export interface Change {
  /** Forget what was known before. */
  readonly whole: boolean
  readonly members: readonly Shown[]
  readonly left: readonly string[]
}

export interface FrameLimits {
  readonly frameEvents: number
  readonly frameChars: number
}

/** What names and punctuation of one entry come to, about. */
const ENTRY_CHARS = 128

/** One message at least. All but the first only add. */
export function presenceMessages(channel: string, change: Change, limits: FrameLimits): string[] {
  const members = cut(change.members, limits, ({ state, identity = '' }) => state + identity)
  const left = cut(change.left, limits, (member) => member)
  const { whole } = change
  return Array.from({ length: Math.max(1, members.length, left.length) }, (_, at) =>
    encode([
      [
        'presence',
        { channel, whole: whole && at === 0, members: members[at] ?? [], left: left[at] ?? [] },
      ],
    ]),
  )
}

function cut<Entry>(
  entries: readonly Entry[],
  { frameEvents, frameChars }: FrameLimits,
  textOf: (entry: Entry) => string,
): Entry[][] {
  const parts: Entry[][] = []
  let part: Entry[] = []
  let chars = 0
  for (const entry of entries) {
    const size = textOf(entry).length + ENTRY_CHARS
    if (part.length && (part.length >= frameEvents || chars + size > frameChars)) {
      parts.push(part)
      part = []
      chars = 0
    }
    part.push(entry)
    chars += size
  }
  return part.length ? [...parts, part] : parts
}

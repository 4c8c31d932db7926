/**
 * Owns the question of order (P4): in one lane, what one tab sent later takes effect later; and what
 * any tab sent after something was known to be stored takes effect after it. A tab that was told that
 * nobody answers may hear no more of what it had sent: if another tab brings it yet, that may be late. Pure.
 */
import type { Biography } from './biography.js'
import type { Story } from './story.js'

interface Placed {
  readonly key: string
  readonly tab: string
  readonly sentAt: number
  readonly storedAt: number
  readonly silentAt: number
  /** Where it is in the log. */
  readonly place: number
}

export function disorders(
  { log }: Pick<Story, 'log'>,
  operations: ReadonlyMap<string, Biography>,
): readonly { readonly key: string; readonly why: string }[] {
  const places = new Map<string, number>()
  // Of a double, the first is the effect; the second is a complaint of its own.
  for (const [place, { key }] of log.entries()) if (!places.has(key)) places.set(key, place)

  const lanes = new Map<string, Placed[]>()
  for (const { key, sendings, storedAt = Infinity, silentAt = Infinity } of operations.values()) {
    const place = places.get(key)
    const [sending] = sendings
    // A key that was used twice has two places in the order of sending.
    if (place === undefined || !sending || sendings.length > 1) continue
    const { tab, at } = sending
    const lane = lanes.get(sending.lane) ?? []
    lanes.set(sending.lane, [...lane, { key, tab, sentAt: at, storedAt, silentAt, place }])
  }

  const found: { key: string; why: string }[] = []
  for (const [lane, members] of lanes) {
    for (const later of members) {
      const overtaken = members.find(
        (earlier) =>
          earlier.place > later.place &&
          (earlier.storedAt < later.sentAt ||
            (earlier.tab === later.tab &&
              earlier.sentAt < later.sentAt &&
              later.sentAt < earlier.silentAt)),
      )
      if (overtaken) {
        found.push({ key: later.key, why: `in lane ${lane} it is before ${overtaken.key}` })
      }
    }
  }
  return found
}

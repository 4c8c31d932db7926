/**
 * Owns the judgement of what several tabs have shown: for how long two of them disagreed, and for how
 * long one showed what was not so. It reads logs and knows no browser.
 */
import type { Status } from '../../protocol/status.js'

/** What one tab has shown, oldest first. Times are wall-clock milliseconds. */
export type Screen = readonly { readonly at: number; readonly status: Status }[]

/** What a person would see; latencies are measured all the time. */
function seen(status: Status | undefined): string {
  if (!status) return 'nothing'
  const { state, queued, tabs, host, storage } = status
  const cause = 'cause' in status ? status.cause : ''
  const attempt = 'attempt' in status ? status.attempt : ''
  return [state, cause, attempt, queued, tabs, host, storage].join(' ')
}

/** The longest time since then in which the screens did not all show the same. */
export function longestDisagreement(screens: readonly Screen[], since: number): number {
  const differ = (at: number): boolean =>
    new Set(screens.map((screen) => seen(shownAt(screen, at)))).size > 1
  return longestSpell(screens.flat(), since, differ)
}

/** The longest time since then in which a screen showed a line that was not there, or none where one was. */
export function longestUntruth(screen: Screen, { lostAt, backAt }: Truth): number {
  const lies = (at: number): boolean => (shownAt(screen, at)?.state === 'online') !== at >= backAt
  return longestSpell([...screen, { at: lostAt }, { at: backAt }], lostAt, lies)
}

/** The line was lost once, and came back for good. */
export interface Truth {
  readonly lostAt: number
  readonly backAt: number
}

const shownAt = (screen: Screen, at: number): Status | undefined =>
  screen.findLast((entry) => entry.at <= at)?.status

function longestSpell(
  changes: readonly { readonly at: number }[],
  since: number,
  isSo: (at: number) => boolean,
): number {
  const times = changes.map(({ at }) => at).filter((at) => at > since)
  let longest = 0
  let begun: number | undefined
  for (const at of [since, ...times.sort((a, b) => a - b)]) {
    if (begun !== undefined) longest = Math.max(longest, at - begun)
    begun = isSo(at) ? (begun ?? at) : undefined
  }
  // What does not end is worse than any figure.
  return begun === undefined ? longest : Infinity
}

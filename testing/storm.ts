/**
 * Owns a storm (P11): ten thousand clients whose server restarts, each of them the real machine of
 * worker/connection on a clock of its own, with a seed instead of chance. It counts when their attempts
 * reach the server. Clients do not know each other, so they are played one after the other.
 *
 * The network is kind: every client is 20 to 120 ms away, a refusal and a welcome take a round trip
 * each, and the server takes whoever comes once it is back. What is counted is what it would have to
 * bear, not what it would have borne.
 */
import { CLOSE } from '../protocol/wire/close-codes.js'
import type { Rules } from '../worker/connection/rules.js'
import type { Effect, Fact, Happening, State } from '../worker/connection/state.js'
import { deadlineOf, IDLE, step } from '../worker/connection/step.js'
import { TIMING } from '../worker/connection/timing.js'

export interface StormOptions {
  readonly clients: number
  readonly seed: number
  /** From the restart on, nobody is answered for so long. */
  readonly downMs: number
}

/** The one whose figures are published. */
export const STORM: StormOptions = { clients: 10_000, seed: 41, downMs: 2_000 }

export interface StormRow {
  readonly storm: string
  /** The most attempts within 100 ms. */
  readonly peak: number
  /** How many times lower that is than with an immediate retry. */
  readonly lower: number
  readonly attempts: number
  /** When half of them, and when all are back, in seconds after the restart. */
  readonly 'half back s': number
  readonly 'all back s': number
}

/** What the clients hear at the restart. `null`: nobody listens, each attempt follows the last at once. */
type Word = Happening | null

const IMMEDIATE = 'an immediate retry'

const STORMS: readonly (readonly [name: string, word: Word])[] = [
  [IMMEDIATE, null],
  ['a crash, no word at all', { type: 'socket-closed', code: CLOSE.abnormal }],
  ['close 1012, no word of when', { type: 'socket-closed', code: CLOSE.restart }],
  ['bye: after 2 s, spread over 4 s', bye(2_000, 4_000)],
  ['bye: after 2 s, spread over 30 s', bye(2_000, 30_000)],
  [
    'drain over 4 s, another server is there',
    { type: 'drain-announced', inMs: 1_000, spreadMs: 4_000 },
  ],
]

const WINDOW_MS = 100
const NEAR_MS = 20
const FAR_MS = 120

/** How one client fared: when its attempts reached the server, and when it was welcome again. */
interface Journey {
  readonly connects: number[]
  readonly backAt: number
}

type Roll = () => number

export function storms(options: StormOptions): StormRow[] {
  const rows: StormRow[] = []
  for (const [storm, word] of STORMS) {
    const roll = seeded(options.seed)
    const journeys = Array.from({ length: options.clients }, () => {
      const tripMs = NEAR_MS + roll() * (FAR_MS - NEAR_MS)
      // Who drains moves its clients to somebody who is there.
      const downMs = word?.type === 'drain-announced' ? 0 : options.downMs
      return word ? patient(word, tripMs, downMs, roll) : impatient(tripMs, downMs)
    })
    const connects = journeys.flatMap((journey) => journey.connects)
    const backs = journeys.map(({ backAt }) => backAt).sort((a, b) => a - b)
    const peak = peakOf(connects)
    rows.push({
      storm,
      peak,
      lower: Number(((rows[0]?.peak ?? peak) / peak).toFixed(1)),
      attempts: connects.length,
      'half back s': seconds(backs[backs.length >> 1]),
      'all back s': seconds(backs.at(-1)),
    })
  }
  return rows
}

function bye(afterMs: number, spreadMs: number): Happening {
  return { type: 'socket-closed', code: CLOSE.maintenance, afterMs, spreadMs }
}

/** A client that connects whenever it is not connected. */
function impatient(tripMs: number, downMs: number): Journey {
  const connects: number[] = []
  let at = tripMs / 2
  do {
    connects.push(at + tripMs / 2)
    at += tripMs
  } while (at - tripMs / 2 < downMs)
  return { connects, backAt: at + tripMs }
}

function patient(word: Happening, tripMs: number, downMs: number, roll: Roll): Journey {
  const rules: Rules = { timing: TIMING }
  const connects: number[] = []
  let state: State = stable()
  /** What the network has under way to this client. */
  let coming: { readonly at: number; readonly happening: Happening } | undefined = {
    at: tripMs / 2,
    happening: word,
  }
  let now = 0

  function perform({ type }: Effect): void {
    if (type === 'close-socket') coming = undefined
    if (type === 'greet') {
      const happening = { type: 'welcomed', intervalMs: 25_000, timeoutMs: 10_000 } as const
      coming = { at: now + tripMs, happening }
    }
    if (type === 'open-socket') {
      const arrival = now + tripMs / 2
      connects.push(arrival)
      const refused = { type: 'socket-closed', code: CLOSE.abnormal } as const
      const happening: Happening = arrival < downMs ? refused : { type: 'socket-opened' }
      coming = { at: now + tripMs, happening }
    }
  }

  while (!connects.length || state.name !== 'online') {
    const deadline = deadlineOf(state) ?? Infinity
    const isDue = coming === undefined || deadline < coming.at
    const happening: Happening = isDue || !coming ? { type: 'deadline-passed' } : coming.happening
    now = isDue || !coming ? deadline : coming.at
    if (!isDue) coming = undefined
    const fact = { ...happening, now, roll: roll() } as Fact
    const next = step(state, fact, rules)
    state = next.state
    next.effects.forEach(perform)
  }
  return { connects, backAt: now }
}

/** Online for a minute, as the machine itself comes to be. */
function stable(): State {
  const way: Happening[] = [
    { type: 'started' },
    { type: 'socket-opened' },
    { type: 'welcomed', intervalMs: 600_000, timeoutMs: 10_000 },
  ]
  return way.reduce<State>(
    (state, happening) =>
      step(state, { ...happening, now: -60_000, roll: 0 } as Fact, { timing: TIMING }).state,
    IDLE,
  )
}

function peakOf(times: readonly number[]): number {
  const windows = new Map<number, number>()
  for (const time of times) {
    const window = Math.floor(time / WINDOW_MS)
    windows.set(window, (windows.get(window) ?? 0) + 1)
  }
  return Math.max(...windows.values())
}

const seconds = (ms = 0): number => Number((ms / 1_000).toFixed(1))

/** The same numbers for the same seed, on every machine. */
function seeded(seed: number): Roll {
  let state = seed >>> 0
  return () => {
    // A step of Marsaglia's xorshift.
    state ^= state << 13
    state ^= state >>> 17
    state = (state ^ (state << 5)) >>> 0
    return state / 2 ** 32
  }
}

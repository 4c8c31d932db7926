/**
 * Owns how acts come about by chance: how often each kind, and with what figures. Small figures and round
 * ones are preferred, because what matters is on which side of a deadline they lie.
 */
import type { Dice } from '../../e2e/support/random.js'
import { CLOSE } from '../../protocol/wire/close-codes.js'
import { type Deed, LANES } from './act.js'
import type { Ambush, Blow } from './ambush.js'

const MS = [200, 1_500, 4_000, 15_000] as const
const { busy, tryLater, maintenance, restart, unauthorized, forbidden, policy, normal } = CLOSE
const FAREWELLS = [
  ...[busy, tryLater, maintenance, restart, normal, unauthorized, forbidden, policy],
] as const

type Trap = readonly [Ambush['word'], Blow]

/** Where something may go wrong; twice, what has to meet something else as well. */
const AMBUSHES: readonly [Trap, ...Trap[]] = [
  ['ack', 'kill'],
  ['ack', 'besiege'],
  ['ack', 'besiege-unheard'],
  ['ack', 'besiege-unheard'],
  ['ack', 'hang'],
  ['ack', 'hang-again'],
  ['nack', 'kill'],
  ['nack', 'besiege'],
  ['events', 'kill'],
  ['events', 'besiege'],
  ['events', 'besiege'],
  ['events', 'hang'],
  ['events', 'hang-again'],
  ['events', 'hang-again'],
  ['events', 'crash-tabs'],
  ['events', 'crash-fetching'],
  ['events', 'crash-fetching'],
  ['events', 'freeze-tabs'],
  ['events', 'freeze-tabs'],
  ['welcome', 'kill'],
]

/** How acts come about; the first number says how often, compared with the others. */
export const MAKERS: Readonly<
  Record<Deed, readonly [weight: number, make: (dice: Dice) => object]>
> = {
  open: [6, () => ({})],
  send: [
    40,
    (dice) => ({
      ops: Array.from({ length: dice.pick([1, 1, 2, 3, 12]) }, () => ({
        lane: dice.between(0, LANES.length - 1),
        kind: dice.pick(['publish', 'publish', 'publish', 'publish', 'poison', 'short-lived']),
        priority: dice.pick([0, 0, 0, 1, 5]),
        ttl: dice.pick([1, 300, 5_000, 60_000]),
      })),
      thenClose: dice.chance(0.1),
    }),
  ],
  discard: [4, () => ({})],
  subscribe: [
    12,
    (dice) => ({
      channel: dice.between(0, 1),
      from: dice.pick(['now', 'last', 'all']),
      history: dice.pick([0, 0, 0, 5]),
      snapshotMs: dice.pick([0, 0, 30, 2_000, 2_000]),
    }),
  ],
  consume: [
    8,
    (dice) => ({
      channel: dice.between(0, 1),
      takesMs: dice.pick([0, 0, 20, 300]),
      fails: dice.pick([0, 0, 1, 3]),
    }),
  ],
  ask: [4, (dice) => ({ ms: dice.pick([50, 3_000, 30_000]) })],
  stop: [4, () => ({})],
  publish: [16, (dice) => ({ channel: dice.between(0, 1), count: dice.pick([1, 2, 7, 25]) })],
  close: [5, () => ({})],
  crash: [4, () => ({})],
  leave: [4, () => ({})],
  stick: [2, () => ({})],
  'come-back': [8, () => ({})],
  hide: [4, () => ({})],
  show: [4, () => ({})],
  'kill-worker': [5, () => ({})],
  ambush: [
    6,
    (dice) => {
      const [word, blow] = dice.pick(AMBUSHES)
      return { word, blow }
    },
  ],
  deploy: [2, (dice) => ({ isLater: dice.chance(0.5) })],
  'hang-worker': [2, (dice) => ({ ms: dice.pick([500, 4_000, 12_000, 60_000]) })],
  trim: [3, (dice) => ({ channel: dice.between(0, 1), keep: dice.pick([0, 1, 5]) })],
  cut: [8, () => ({})],
  silence: [5, (dice) => ({ ms: dice.pick(MS), isBroken: dice.chance(0.5) })],
  'network-down': [4, (dice) => ({ ms: dice.pick(MS) })],
  'crash-gateway': [5, (dice) => ({ ms: dice.pick(MS) })],
  'drain-gateway': [2, () => ({ ms: 1_500 })],
  'turn-away': [
    4,
    (dice) => ({
      code: dice.pick(FAREWELLS),
      after: dice.pick([0, 500, 5_000]),
      spread: dice.pick([0, 0, 2_000]),
      isSaid: dice.chance(0.7),
      isForAll: dice.chance(0.5),
      ms: dice.pick(MS),
    }),
  ],
  'sign-out': [5, (dice) => ({ fate: dice.pick(['discard', 'keep']), next: dice.between(0, 1) })],
  'revoke-tokens': [6, (dice) => ({ ms: dice.pick([0, 0, ...MS]) })],
  'idle-gateway': [2, (dice) => ({ ms: dice.pick(MS) })],
  'lose-log': [2, (dice) => ({ ms: dice.pick(MS) })],
  disk: [3, (dice) => ({ fault: dice.pick(['full', 'broken', 'stalled']), ms: dice.pick(MS) })],
  'sever-disk': [2, () => ({})],
  pause: [1, () => ({})],
  resume: [2, () => ({})],
  reconnect: [2, () => ({})],
  wait: [2, (dice) => ({ ms: dice.pick([1_500, 7_000, 15_000]) })],
  'jump-clock': [2, (dice) => ({ ms: dice.pick([-7_200_000, -5_000, 5_000, 7_200_000]) })],
}

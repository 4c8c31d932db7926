/** Owns the planted bugs against the rest of the world: servers that send people away, logs that are lost (P6, P11). */

/** @type {readonly import('./list.js').Mutant[]} */
export const WORLD = [
  {
    name: 'comes back before the server wants it',
    file: 'worker/connection/ending.ts',
    line: 'const asked = (afterMs ?? 0) + roll * (spreadMs ?? 0)',
    instead: 'const asked = roll * (spreadMs ?? 0)',
  },
  {
    name: 'tries again where it is not wanted',
    file: 'protocol/wire/close-codes.ts',
    line: "[CLOSE.forbidden]: 'fatal'",
    instead: "[CLOSE.forbidden]: 'retry'",
  },
  {
    name: 'takes a place in a lost log for one in its own',
    file: 'gateway/log/sqlite-channels.ts',
    line: '(from.epoch !== undefined && from.epoch !== epoch)',
    instead: 'from.epoch === null',
  },
  {
    name: 'takes every operation for an orphan',
    file: 'page-client/rescue.ts',
    line: '(key) => orphans.includes(key)))',
    instead: '() => orphans.length >= 0))',
  },
  {
    name: 'leaves the lifeboats of others alone',
    file: 'page-client/rescue.ts',
    line: '(key) => orphans.includes(key)))',
    instead: '() => orphans.length < 0))',
  },
]

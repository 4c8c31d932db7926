/** Owns the planted bugs against the rest of the world: servers that send people away, logs that are lost, hosts, people (P2, P6, P11, P13). */

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
  {
    name: 'gives two people one line',
    file: 'protocol/line-name.ts',
    line: 'identity === undefined ? [url] : [url, identity]',
    instead: 'identity === null ? [url, identity] : [url]',
  },
  {
    name: 'keeps what was to be discarded',
    file: 'worker/residence.ts',
    line: "const isDiscarded = outbox === 'discard'",
    instead: 'const isDiscarded = outbox.length < 0',
  },
  {
    name: 'discards what was to be kept',
    file: 'worker/residence.ts',
    line: "const isDiscarded = outbox === 'discard'",
    instead: 'const isDiscarded = outbox.length > 0',
  },
  {
    name: 'shows the first token for ever',
    file: 'worker/auth/line-token.ts',
    line: 'known = fresh ?? known',
    instead: 'known = known ?? fresh ?? undefined',
  },
]

/**
 * Owns the planted bugs: each a realistic mistake, as one line of the product and what stands there
 * instead. They live here and nowhere else; a line that has moved on is an error, not a mutant that lives.
 */

/**
 * @typedef {object} Mutant
 * @property {string} name
 * @property {string} file
 * @property {string} line what is there, once in the file
 * @property {string} instead
 */

/** @type {readonly Mutant[]} */
export const MUTANTS = [
  {
    name: 'declares settled what the disk may not know of',
    file: 'worker/outbox/outbox.ts',
    line: 'const seq = Math.min(number.seq, endings.unwritten(lane.name, epoch))',
    instead: 'const { seq } = number',
  },
  {
    name: 'gives the disk up because it slept itself',
    file: 'worker/storage/deadline.ts',
    line: 'clock.now() > late ? wait() : run()',
    instead: 'run()',
  },
  {
    name: 'connects before the line is its own',
    file: 'worker/residence.ts',
    line: 'await own.begin()',
    instead: 'void own.begin()',
  },
  {
    name: 'hands over no lifeboat',
    file: 'page-client/rescue.ts',
    line: 'if (!options.isAlone()) return handOver(broker, () => true)',
    instead: 'if (!options.isAlone()) return',
  },
  {
    name: 'takes back what was sent, as if it had not been',
    file: 'worker/outbox/outbox.ts',
    line: "if (wasGiven(item.operation)) withdraw(item, 'expired')",
    instead: "if (item.isFlying) withdraw(item, 'expired')",
  },
  {
    name: 'forgets which keys have taken effect',
    file: 'gateway/log/sqlite-operations.ts',
    line: 'if (row && (isSameNumber || row.applied)) {',
    instead: 'if (row && isSameNumber && lane === undefined) {',
  },
  {
    name: 'sends the newest first',
    file: 'worker/outbox/lanes.ts',
    line: 'if (!prioritised) return items.values()',
    instead: 'if (!prioritised) return [...items.values()].reverse()',
  },
  {
    name: 'takes an ack for one more than it says',
    file: 'worker/outbox/dispatcher.ts',
    line: 'if (!number || number.seq > seq) break',
    instead: 'if (!number || number.seq > seq + 1) break',
  },
  {
    name: 'hears what an older socket says',
    file: 'worker/connection/connection.ts',
    line: 'received: (message) => isCurrent() && receive(message, isCurrent),',
    instead: 'received: (message) => receive(message, () => true),',
  },
]

/** Owns the planted bugs in life and death: locks, disks, connections, deployments and the status (P1, P9–P12). */

/** @type {readonly import('./list.js').Mutant[]} */
export const LIFE = [
  {
    name: 'gives the disk up because it slept itself',
    file: 'worker/storage/deadline.ts',
    line: 'clock.now() > late ? LOOKS : left - 1',
    instead: 'clock.now() > late ? 0 : left - 1',
  },
  {
    name: 'connects before the line is its own',
    file: 'worker/residence.ts',
    line: 'await own.begin()',
    instead: 'void own.begin()',
  },
  {
    name: 'lets go of a socket and does not close it',
    file: 'worker/connection/connection.ts',
    line: 'if (old) closing = Promise.resolve(old.close(code, why))',
    instead: 'if (old) closing = Promise.resolve(void [code, why])',
  },
  {
    name: 'lets anybody write, whoever has the database',
    file: 'worker/storage/take-over.ts',
    line: 'if (found?.client !== own.client || found.incarnation !== own.incarnation) {',
    instead: 'if (found === undefined) {',
  },
  {
    name: 'counts its incarnations no further',
    file: 'worker/storage/take-over.ts',
    line: 'incarnation: (found?.incarnation ?? 0) + 1',
    instead: 'incarnation: found?.incarnation ?? 1',
  },
  {
    name: 'drains a line that is somebody else’s',
    file: 'worker/drain.ts',
    line: 'if (isOurs) return',
    instead: 'return',
  },
  {
    name: 'keeps the line when it leaves',
    file: 'worker/tenure.ts',
    line: 'return () => release?.()',
    instead: 'return () => {}',
  },
  {
    name: 'does not wait for the lock of a tab',
    file: 'worker/broker.ts',
    line: 'return locks ? locks.whenFree(tabLockName(name, seat.tab.id), seat.died) : () => {}',
    instead: 'return () => {}',
  },
  {
    name: 'does not notice that its worker died',
    file: 'page-client/attachment.ts',
    line: '() => isOver() || renew()))',
    instead: '() => {}))',
  },
  {
    name: 'stays with a worker that hangs',
    file: 'page-client/attachment.ts',
    line: `          whereabouts.accuse(instance)
`,
    instead: `          void instance
`,
  },
  {
    name: 'does not send its tabs to a later release',
    file: 'worker/tenure.ts',
    line: 'isOver || onElsewhere()',
    instead: 'isOver || keep()',
  },
  {
    name: 'keeps the hub when it leaves the line',
    file: 'worker/hosts/hub-host.ts',
    line: `stopClaim()
    stop()`,
    instead: 'stopClaim()',
  },
  {
    name: 'waits for a pong for ever',
    file: 'worker/connection/online.ts',
    line: 'const by = Math.min(state.ping?.by ?? Infinity, deadline)',
    instead: 'const by = deadline + Infinity',
  },
  {
    name: 'shows an old status to whoever is slow',
    file: 'worker/tabs/tab.ts',
    line: "if (news.kind === 'status') pending = pending.filter(({ kind }) => kind !== 'status')",
    instead: "if (news.kind === 'status' && pending.some(({ kind }) => kind === 'status')) return",
  },
]

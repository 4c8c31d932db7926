/** Owns the planted bugs on the way out: outbox, lanes, lifeboat, and what the gateway remembers of operations (P2–P5). */

/** @type {readonly import('./list.js').Mutant[]} */
export const WAY_OUT = [
  {
    name: 'declares settled what the disk may not know of',
    file: 'worker/outbox/outbox.ts',
    line: 'const seq = Math.min(number.seq, endings.unwritten(lane.name, epoch))',
    instead: 'const { seq } = number',
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
    name: 'deletes an operation before its ack',
    file: 'worker/outbox/outbox.ts',
    line: `void store(item)
    },
    onResent(item) {`,
    instead: `void store(item).then(() =>
        write([{ type: 'delete-operation', key: item.operation.key }]),
      ).catch(() => {})
    },
    onResent(item) {`,
  },
  {
    name: 'says stored before it is',
    file: 'worker/tabs/desk.ts',
    line: '          outbox.add(operation).then(',
    instead: `          resolve(undefined)
          outbox.add(operation).then(`,
  },
  {
    name: 'puts nothing into the lifeboat',
    file: 'page-client/deliveries.ts',
    line: 'const isAboard = lifeboat.put(asOfNow(delivery), isUrgent)',
    instead: 'const isAboard = isUrgent && lifeboat.put(asOfNow(delivery), false)',
  },
  {
    name: 'clears a lifeboat before what was in it is stored',
    file: 'page-client/rescue.ts',
    line: 'handedOver.add(key)',
    instead: `handedOver.add(key)
      lifeboat.remove(key)`,
  },
  {
    name: 'goes on with the numbers of an earlier broker',
    file: 'worker/outbox/lanes.ts',
    line: 'if (lane.items.some(({ operation }) => operation.number)) return false',
    instead: 'void lane',
  },
  {
    name: 'loads the outbox from its end',
    file: 'worker/outbox/outbox.ts',
    line: 'for (const operation of options.loaded.operations) {',
    instead: 'for (const operation of [...options.loaded.operations].reverse()) {',
  },
  {
    name: 'takes an ack for one of any lane',
    file: 'worker/outbox/dispatcher.ts',
    line: `for (const item of [...lane.items]) {
        const { key, number }`,
    instead: `for (const item of [...lanes.items.values()]) {
        const { key, number }`,
  },
  {
    name: 'transmits what is not on disk',
    file: 'worker/outbox/dispatcher.ts',
    line: 'if (item.durable === item.version && !behind.has(lane)) ready.push(item)',
    instead: 'if (!behind.has(lane)) ready.push(item)',
  },
  {
    name: 'drops the oldest to make room',
    file: 'worker/outbox/admission.ts',
    line: "if (limits.overflow === 'drop-oldest') {",
    instead: 'if (limits.operations) {',
  },
  {
    name: 'has no room for what is handed over again',
    file: 'worker/outbox/admission.ts',
    line: 'const spare = operation.again ? LIFEBOAT : NOTHING',
    instead: 'const spare = NOTHING',
  },
  {
    name: 'forgets what it has refused',
    file: 'worker/outbox/refusals.ts',
    line: "return error.code === FULL ? note({ key, outcome: 'rejected', error }) : undefined",
    instead: 'return undefined',
  },
  {
    name: 'tells a refusal before the disk knows of it',
    file: 'worker/outbox/refusals.ts',
    line: 'if (!recorded) tell()',
    instead: `recorded?.catch(tell)
        if (recorded || !recorded) tell()`,
  },
  {
    name: 'tells an outcome to nobody',
    file: 'worker/outbox/endings.ts',
    line: "if (outcome.outcome === 'acked') onOutcome(outcome)",
    instead: "if (outcome.outcome === 'acked') return",
  },
  {
    name: 'forgets after a restart what has ended',
    file: 'worker/outbox/settled.ts',
    line: 'for (const settled of loaded) put(settled)',
    instead: 'for (const settled of loaded.slice(0, 0)) put(settled)',
  },
  {
    name: 'begins anew whatever is handed over again',
    file: 'page-client/deliveries.ts',
    line: 'const again = isHandedOver(delivery) && ({ again: true } as const)',
    instead: 'const again = isHandedOver(delivery) && ({} as const)',
  },
  {
    name: 'counts a time to live from the wrong clock',
    file: 'worker/outbox/lives.ts',
    line: 'life: { left: expiresAt - clock.now(), at: clock.wall() }',
    instead: 'life: { left: expiresAt - clock.now(), at: clock.now() }',
  },
]

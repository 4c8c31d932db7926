/**
 * Owns the judgement of brokers that tabs have found silent (P12, F2). Tabs may err: a page that was
 * frozen, a machine that was busy. So whoever is accused is first told to yield, as any broker of an
 * earlier generation is, and one that lives does. Who still shows its life a second later does not
 * hear us: it hangs. Then the line and the hub are taken from it (bereave.ts), and after that its life,
 * which tells all its tabs at once.
 *
 * In this order, because a life can be taken once: should we die in between, the next one that is
 * told of it does the rest. However many tabs accuse, later ones find no life to take.
 *
 * Where the one that was told died or hangs, and the tabs that knew have gone, nobody accuses. So whoever
 * waits for the line in vain accuses who has it: of an earlier generation, it would have yielded.
 */
import type { InstanceId } from '../protocol/ids.js'
import { lineLockName } from '../protocol/line-name.js'
import { isOf, lifeLockName, readCensus } from '../protocol/lives.js'
import { bereave, free } from './bereave.js'
import type { Clock } from './clock.js'
import type { Locks } from './tabs/locks.js'

export interface SuccessionOptions {
  readonly clock: Clock
  readonly locks: Locks
  readonly line: string
  readonly generation: number
  /** Tells all earlier generations to yield. */
  announce(): void
}

export interface Succession {
  accuse(accused: readonly InstanceId[]): void
  /** The line has not come, and whoever has it was told that we wait. */
  waited(): Promise<void>
  close(): void
}

const PATIENCE_MS = 1_000

export function createSuccession(options: SuccessionOptions): Succession {
  const { clock, locks, line, generation } = options
  const judging = new Set<InstanceId>()
  let isClosed = false

  async function judge(instance: InstanceId): Promise<void> {
    options.announce()
    await new Promise<void>((resolve) => clock.after(PATIENCE_MS, resolve))
    if (isClosed) return
    const holders = await locks.holders()
    const { living } = readCensus(line, [...holders.keys()])
    const hung = living.find((one) => one.instance === instance && one.generation < generation)
    if (!hung || isClosed) return
    await bereave(locks, line, instance)
    await free(locks, lifeLockName(line, hung))
  }

  function accuse(accused: readonly InstanceId[]): void {
    for (const instance of accused) {
      if (judging.has(instance)) continue
      judging.add(instance)
      // What locks refuse, the next accusation tries again.
      void judge(instance)
        .catch(() => {})
        .finally(() => judging.delete(instance))
    }
  }

  return {
    accuse,
    async waited() {
      await bereave(locks, line)
      const holders = await locks.holders()
      const { living } = readCensus(line, [...holders.keys()])
      const owner = living.find((one) => isOf(one, lineLockName(line), line, holders))
      if (owner && owner.generation < generation) accuse([owner.instance])
    },
    close() {
      isClosed = true
    },
  }
}

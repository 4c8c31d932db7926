/**
 * Owns the handing over of what other pages left in the lifeboat (P2, P5): at every attach before
 * anything of this page, because it was sent earlier (P4), and while this page lives. Their keys are
 * theirs: what the broker has already, or knows the end of, it recognises.
 *
 * Any page may die at any point of this. Until the broker has said "stored", the item stays where it
 * is, and the next one to come does the same again.
 */
import type { ErrorCode, ErrorInfo } from '../protocol/errors.js'
import type { Key } from '../protocol/ids.js'
import type { PageEnvironment } from './environment.js'
import { createRollCall, type RollCall } from './hosts/roll-call.js'
import type { Lifeboat } from './lifeboat.js'
import type { RemoteBroker } from './remote-broker.js'

export interface Rescue {
  /** There is a broker now, or another one. */
  run(broker: RemoteBroker): void
  /** Another page has written this to localStorage. */
  heard(name: string): void
  /** The page goes into the back/forward cache, until there is a broker again. */
  sleep(): void
  close(): void
}

export interface RescueOptions {
  readonly environment: Pick<PageEnvironment, 'after' | 'random' | 'openBroadcast'>
  readonly lineName: string
  readonly lifeboat: Lifeboat
  /** The broker serves this page only: what is aboard may be a living page's own. */
  isAlone(): boolean
  broker(): RemoteBroker | undefined
  /** This page hands it over itself. */
  isOwn(key: Key): boolean
  onError(error: ErrorInfo): void
}

/**
 * Whoever wrote it is mostly alive and removes it at once; and of many tabs one is enough. So each
 * waits a little, and not as long as the others.
 */
const GRACE_MS = 250

/** It may still get there, or the lifeboat is the only disk there is. */
const STAYS: readonly ErrorCode[] = ['no-storage', 'quota', 'signed-out']

export function createRescue(options: RescueOptions): Rescue {
  const { environment, lifeboat, onError } = options
  let stopWaiting: (() => void) | undefined
  /** This broker has them, or is about to say: with no disk they stay aboard for long. */
  const handedOver = new Set<Key>()
  let rollCall: RollCall | undefined

  const isOurs = (key: Key): boolean => options.isOwn(key) || handedOver.has(key)

  function offer(broker: RemoteBroker | undefined): void {
    if (!broker) return
    if (!options.isAlone()) return handOver(broker, () => true)
    rollCall ??= createRollCall({ ...environment, line: options.lineName, isOwn: isOurs })
    const keys = lifeboat.aboard().map(({ key }) => key)
    rollCall.ask(keys, (orphans) => handOver(options.broker(), (key) => orphans.includes(key)))
  }

  function handOver(broker: RemoteBroker | undefined, isOrphan: (key: Key) => boolean): void {
    if (!broker) return
    for (const operation of lifeboat.aboard()) {
      const { key } = operation
      if (isOurs(key) || !isOrphan(key)) continue
      handedOver.add(key)
      broker.send({ ...operation, again: true }).then(
        (error) => answered(key, error),
        () => {},
      )
    }
  }

  function answered(key: Key, error: ErrorInfo | undefined): void {
    if (error && STAYS.includes(error.code)) return
    handedOver.delete(key)
    lifeboat.remove(key)
    // Whoever sent it is gone: somebody should know (P5).
    if (error) onError(error)
  }

  return {
    run(broker) {
      handedOver.clear()
      offer(broker)
    },
    heard(name) {
      if (!lifeboat.isItem(name) || stopWaiting) return
      stopWaiting = environment.after(GRACE_MS * (1 + 3 * environment.random()), () => {
        stopWaiting = undefined
        offer(options.broker())
      })
    },
    sleep() {
      // A word to it would put the page out of the cache (F14). Where something aboard is its own, that is
      // what has to be: nobody answers, so another page sends it (P3).
      if (lifeboat.aboard().some(({ key }) => isOurs(key))) return
      rollCall?.close()
      rollCall = undefined
    },
    close() {
      rollCall?.close()
      stopWaiting?.()
      stopWaiting = undefined
    },
  }
}

/**
 * Owns the aiming: the broker's real surroundings, in which the disk and the socket count how many
 * operations have come to each stage of their lives, and call for the cut when it is due. What is not
 * cut is real.
 *
 * `self.close()` lets the running task end, so a worker that is killed is also struck dumb here: from
 * the stage on it writes nothing and sends nothing, as if it had died there.
 */
import type { BrokerEnvironment } from '../../../worker/broker.js'
import type { SocketEvents } from '../../../worker/connection/socket.js'
import type { Change, OpenStore, Store } from '../../../worker/storage/store.js'
import type { NumberedAim, Stage } from '../stages.js'

type Environment = Omit<BrokerEnvironment, 'host'>

export interface Trigger {
  /** Not fired yet, over all workers of the session. */
  aims(): readonly NumberedAim[]
  /** Returns when the cut has been made, or never. */
  fire(aim: NumberedAim): void
  /** Ends this worker. */
  die(): void
}

const NEVER = new Promise<never>(() => {})

export function aimedEnvironment(real: Environment, trigger: Trigger): Environment {
  let waiting: readonly NumberedAim[] | undefined
  const counts = new Map<Stage, number>()
  let isDead = false

  /** So many operations come to the stage now. Returns the cut, if one was made. */
  function reach(stage: Stage, operations: number): NumberedAim['cut'] | undefined {
    if (isDead || operations === 0) return undefined
    const before = counts.get(stage) ?? 0
    const after = before + operations
    counts.set(stage, after)
    waiting ??= trigger.aims()
    const aim = waiting.find((one) => one.stage === stage && one.nth > before && one.nth <= after)
    if (!aim) return undefined
    waiting = waiting.filter((one) => one !== aim)
    trigger.fire(aim)
    if (aim.cut === 'worker-killed') {
      isDead = true
      trigger.die()
    }
    return aim.cut
  }

  const openStore: OpenStore | null =
    real.openStore &&
    (async (request) => {
      const store = await (real.openStore as OpenStore)(request)
      return aimedStore(store)
    })

  function aimedStore(store: Store): Store {
    const seen = new Set<string>()

    async function commit(changes: readonly Change[]): Promise<void> {
      if (isDead) return NEVER
      const puts = changes.flatMap((one) => (one.type === 'put-operation' ? [one.operation] : []))
      const fresh = puts.filter(({ key }) => !seen.has(key)).length
      const numbered = puts.filter(({ number }) => number).length
      const deleted = changes.filter(({ type }) => type === 'delete-operation').length
      for (const { key } of puts) seen.add(key)

      reach('before-write', fresh)
      reach('before-delete', deleted)
      if (isDead) return NEVER
      const writing = store.commit(changes)
      reach('while-writing', fresh)
      reach('while-deleting', deleted)
      await writing
      reach('before-send', numbered)
      return isDead ? NEVER : undefined
    }

    return { kind: store.kind, loaded: store.loaded, commit, close: () => store.close() }
  }

  const openSocket: Environment['openSocket'] = (url, protocol, events) => {
    let isDeaf = false
    const aimed: SocketEvents = {
      opened: () => isDead || events.opened(),
      received(message) {
        if (isDead || isDeaf) return
        const settled = framesOf(message, 'ack') + framesOf(message, 'nack')
        // What was received when the cut is made, was not received.
        isDeaf = reach('before-ack', settled) !== undefined
        if (!isDeaf) events.received(message)
      },
      closed: (code, why) => isDead || events.closed(code, why),
    }
    const socket = real.openSocket(url, protocol, aimed)
    return {
      send(text) {
        if (isDead) return
        socket.send(text)
        reach('after-send', framesOf(text, 'op'))
      },
      close: (code, why) => socket.close(code, why),
    }
  }

  return { ...real, openStore, openSocket }
}

function framesOf(message: unknown, type: string): number {
  if (typeof message !== 'string') return 0
  const frames = JSON.parse(message) as readonly (readonly [string, unknown])[]
  return frames.filter(([own]) => own === type).length
}

/**
 * Owns one tie to a worker: its port, what is exposed on it, and whose voice it is (P12). A browser may
 * put another broker behind a port without a word, and a broker may send us away: in both cases another
 * instance speaks. It knows neither how the tie came about nor what follows from its end.
 */
import { expose } from 'comlink'
import type { InstanceId } from '../protocol/ids.js'
import type { Parcel, TabSurface } from '../protocol/port.js'
import type { PageEnvironment, WorkerHandle } from './environment.js'
import { openBrokerPort, type RemoteBroker } from './remote-broker.js'
import { createVigil, type Patience, type Vigil } from './vigil.js'

export interface TieOptions {
  readonly environment: Pick<PageEnvironment, 'after' | 'now'>
  readonly worker: WorkerHandle
  readonly patience: Patience
  take(parcel: Parcel): Promise<unknown> | undefined
  token: TabSurface['token']
  /** The worker did not come about. */
  onError(): void
  /** Another broker speaks on our port: it knows nothing of us. */
  onStranger(): void
  /** The line is to be reached over the hub. */
  onElsewhere(): void
  /** It has answered once, and does not any more. */
  onHung(instance: InstanceId): void
}

export interface Tie {
  readonly remote: RemoteBroker
  /** This instance has answered our hello. Says whether it is the one that we know. */
  answered(by: InstanceId): boolean
  close(): void
}

export function openTie({ environment, worker, patience, ...options }: TieOptions): Tie {
  const { port } = worker
  let instance: InstanceId | undefined
  let vigil: Vigil | undefined
  let isClosed = false

  const broker = openBrokerPort(port, {
    called: () => vigil?.called(),
    answered: () => vigil?.heard(),
  })
  const { remote } = broker

  function isKnown(other: InstanceId): boolean {
    instance ??= other
    if (other !== instance) options.onStranger()
    return other === instance
  }

  worker.addEventListener('error', () => {
    // Firefox also reports here what a running worker throws.
    if (!isClosed && !instance) options.onError()
  })
  const surface: TabSurface = {
    take(parcel) {
      if (isClosed) return undefined
      vigil?.heard()
      if (parcel.isElsewhere) return void options.onElsewhere()
      return isKnown(parcel.instance) ? options.take(parcel) : undefined
    },
    token: options.token,
  }
  expose(surface, port)

  return {
    remote,
    answered(by) {
      if (!isKnown(by)) return false
      vigil = createVigil({
        environment,
        patience,
        isAwaited: () => broker.isAwaited,
        // Whoever sits behind the port without having heard our hello answers too.
        ping: () => void remote.ping().then(isKnown, () => {}),
        onHung: () => options.onHung(by),
      })
      if (broker.isAwaited) vigil.called()
      return true
    },
    close() {
      isClosed = true
      vigil?.close()
      broker.close()
    },
  }
}

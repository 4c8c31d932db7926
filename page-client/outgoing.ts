/**
 * Owns the border that operations cross: the app's validators see what goes out, and the result. What
 * is sent later in the lane of one whose validator takes its time waits behind it (P4). Until a
 * validator has answered, its operation is nowhere but here: an app that wants P2 from the call on
 * takes validators that answer at once.
 */
import type { NewOperation } from '../protocol/port.js'
import type { Delivery } from './api.js'
import { isPromise } from './in-order.js'
import { quietly } from './resolvers.js'
import type { Validators } from './validators.js'

/** `go` hands the operation over, or throws. Throws itself if the payload is refused at once. */
export type Outgoing = (
  operation: Pick<NewOperation, 'key' | 'lane' | 'type' | 'channel'>,
  payload: unknown,
  go: () => Delivery,
) => Delivery

export function createOutgoing(validators: Validators): Outgoing {
  /** The last that waits, by lane. */
  const waiting = new Map<string, Promise<void>>()

  function pass({ key, lane }: Parameters<Outgoing>[0], checked: unknown, go: () => Delivery) {
    const before = waiting.get(lane)
    if (!before && !isPromise(checked)) return go()
    const stored = quietly<void>()
    const done = quietly<unknown>()
    const run = async (): Promise<void> => {
      try {
        const [, judged] = await Promise.allSettled([before, checked])
        if (judged.status === 'rejected') throw judged.reason
        const delivery = go()
        delivery.stored.then(stored.resolve, stored.reject)
        delivery.done.then(done.resolve, done.reject)
      } catch (error) {
        stored.reject(error as Error)
        done.reject(error as Error)
      }
      if (waiting.get(lane) === mine) waiting.delete(lane)
    }
    const mine = run()
    waiting.set(lane, mine)
    return { key, stored: stored.promise, done: done.promise }
  }

  return (operation, payload, go) => {
    const { type, channel } = operation
    if (channel !== undefined) return pass(operation, validators.channel(channel)(payload), go)
    const { payload: check, result } = validators.call('operations', type)
    const delivery = pass(operation, check(payload), go)
    const done = delivery.done.then(result)
    done.catch(() => {})
    return { ...delivery, done }
  }
}

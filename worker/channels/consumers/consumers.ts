/**
 * Owns the consumers of this line (P8): one a channel and name, however many tabs offer to handle its
 * events, with a position of its own that is not the origin's. What they could not handle is parked
 * here, for all tabs to see.
 *
 * It lives in memory as it does on disk: where nothing can be written everything goes on, until the
 * worker ends.
 */
import type { Consumption, News } from '../../../protocol/port.js'
import type { Clock, Random } from '../../clock.js'
import type { Change, ConsumerPosition, Loaded } from '../../storage/store.js'
import type { Channels } from '../channels.js'
import { type Candidate, type Consumer, createConsumer, type Offer } from './consumer.js'
import { createParkedEvents, type ParkedNews } from './parked.js'

export interface Consumers {
  /** The tab handles events from now on, when it is its turn. */
  offer(consumption: Consumption, tab: Candidate): Offer
  /** Hands a parked event out again, before the next ones; false: there is none, or nobody to do it. */
  unpark(key: string): boolean
  /** Says whether there was one. */
  discardParked(key: string): boolean
  wholeParked(): News
  /** What the disk should have, as changes to an empty one. */
  snapshot(): readonly Change[]
  close(): void
}

export interface ConsumersOptions {
  readonly clock: Clock
  readonly random: Random
  readonly channels: Pick<Channels, 'subscribe' | 'unsubscribe'>
  readonly positions: Loaded['consumers']
  readonly parked: Loaded['parked']
  write(changes: readonly Change[]): Promise<void>
  onParked(news: ParkedNews): void
}

type Name = Pick<ConsumerPosition, 'channel' | 'name'>

export function createConsumers(options: ConsumersOptions): Consumers {
  const { clock, random, channels, write } = options
  const parked = createParkedEvents(options.parked, options.onParked)
  const consumers = new Map<string, Consumer>()

  function enter(of: Name, known?: ConsumerPosition): Consumer {
    const { channel, name } = of
    const { cursor } = known ?? {}
    const rest = { clock, random, channels, parked, write }
    const consumer = createConsumer({ ...rest, channel, name, cursor })
    consumers.set(keyOf(of), consumer)
    return consumer
  }

  for (const known of options.positions) enter(known, known)

  return {
    offer: (consumption, tab) =>
      (consumers.get(keyOf(consumption)) ?? enter(consumption)).offer(consumption, tab),

    unpark(key) {
      const event = parked.get(key)
      return (event && consumers.get(keyOf(event))?.retry(key)) ?? false
    },

    discardParked(key) {
      const changes = parked.delete(key)
      // Where it broke it has been reported.
      if (changes.length) write(changes).catch(() => {})
      return changes.length > 0
    },

    wholeParked: parked.whole,

    snapshot: () => [
      ...Array.from(consumers.values()).flatMap(({ position }): Change[] =>
        position ? [{ type: 'put-consumer', consumer: position }] : [],
      ),
      ...Array.from(parked.all(), (one): Change => ({ type: 'put-parked', parked: one })),
    ],

    close() {
      for (const consumer of consumers.values()) consumer.close()
    },
  }
}

const keyOf = ({ channel, name }: Name): string => JSON.stringify([channel, name])

/** Owns what all rooms of one simulated world share. No behaviour. */
import type { Dice } from '../../e2e/support/random.js'
import type { MemoryBoats } from '../memory-boat.js'
import type { MemoryBuses } from '../memory-bus.js'
import type { MemoryLocks } from '../memory-locks.js'
import type { Scheduler, Thread } from './scheduler.js'
import type { Weather } from './weather.js'

export interface Commons {
  readonly scheduler: Scheduler
  readonly weather: Weather
  /** What the browser, the network and the machine do by themselves happens there. */
  readonly system: Thread
  readonly dice: Dice
  readonly locks: MemoryLocks
  readonly buses: MemoryBuses
  readonly boats: MemoryBoats
}

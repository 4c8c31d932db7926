/** Owns the kinds of weather that a session draws from its seed, and what each does to the network. */
import type { Network } from './network.js'

export const WEATHERS = ['cut', 'reset', 'blackhole up', 'blackhole down', 'slow'] as const

export type Weather = (typeof WEATHERS)[number] | 'fair'

export function setWeather(network: Network, weather: Weather): void {
  switch (weather) {
    case 'cut':
      return void network.cut()
    case 'reset':
      return void network.reset()
    case 'blackhole up':
      return network.blackhole('up')
    case 'blackhole down':
      return network.blackhole('down')
    case 'slow':
      return network.delay(60)
    case 'fair':
      return network.pass()
  }
}

/**
 * Owns what many sessions share: an origin with the page and the worker under fire, and so many
 * places, each with a gateway and a network, at which sessions run side by side. What a session is,
 * its checker says.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserType, LaunchOptions } from '@playwright/test'
import type { Limits } from '../../gateway/limits.js'
import { bundle } from './bundle.js'
import { createGateway, type Gateway } from './gateway.js'
import { createNetwork, type Network } from './network.js'
import { createSite } from './site.js'

/** Where a session runs. */
export interface World {
  readonly gateway: Gateway
  readonly network: Network
  readonly origin: string
  readonly browserType: BrowserType
  readonly launchOptions: LaunchOptions
}

export interface Troupe<Session> {
  /** Sessions run as places become free; each is told as soon as it is over. */
  play(seeds: readonly number[], onSession: (session: Session) => void): Promise<void>
  close(): Promise<void>
}

/** What is the troupe's, whatever it plays. */
export interface Stalls {
  readonly browserType: BrowserType
  readonly launchOptions: LaunchOptions
  readonly places: number
}

export interface TroupeOptions<Session> extends Stalls {
  /** Where each script is served, and the TypeScript that it is made of. */
  readonly scripts: Readonly<Record<string, string>>
  /** Of the gateway, where the usual ones are too wide for a session. */
  readonly limits?: Partial<Limits>
  /** Plays the session of a seed, on a profile that is still empty. */
  run(seed: number, world: World, profile: string): Promise<Session>
}

export async function createTroupe<Session>(
  options: TroupeOptions<Session>,
): Promise<Troupe<Session>> {
  const { browserType, launchOptions } = options
  const folder = await mkdtemp(join(tmpdir(), 'partyline-check-'))
  const site = await createSite()
  for (const [path, entry] of Object.entries(options.scripts)) {
    site.serve(path, await bundle(entry))
  }

  const worlds: World[] = []
  for (let place = 0; place < options.places; place++) {
    const { limits } = options
    const gateway = await createGateway(join(folder, `gateway-${place}.db`), { limits })
    const network = await createNetwork(gateway.port)
    worlds.push({ browserType, launchOptions, gateway, network, origin: site.origin })
  }

  return {
    async play(seeds, onSession) {
      const waiting = [...seeds]
      const play = async (world: World): Promise<void> => {
        for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
          const profile = join(folder, `profile-${crypto.randomUUID()}`)
          onSession(await options.run(seed, world, profile))
          await rm(profile, { recursive: true, force: true, maxRetries: 5 })
        }
      }
      await Promise.all(worlds.map(play))
    },
    async close() {
      await site.close()
      for (const { network, gateway } of worlds) {
        await network.close()
        await gateway.close()
      }
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

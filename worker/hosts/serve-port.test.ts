import { expect, it } from 'vitest'
import { createChannelPort } from '../../protocol/channel-port.js'
import { heldMemory } from '../../testing/held-memory.js'
import type { Broker } from '../broker.js'
import { servePort } from './serve-port.js'

/** What a desk looks like to a port: it reaches the page, and says when the page is gone. */
function portWith(ballast: readonly number[]): () => void {
  let goes = (): void => {}
  const accept: Broker['accept'] = (page, hangUp) => {
    goes = hangUp
    return { page, ballast } as never
  }
  const port = createChannelPort(
    () => {},
    () => {},
  )
  servePort({ accept }, port, port.close)
  return () => goes()
}

it('[F14] [P14] a port whose page has gone is not held, nor what is reached over it', () => {
  const before = heldMemory()
  for (let tab = 0; tab < 100; tab++) portWith(new Array<number>(100_000).fill(tab))()
  expect((heldMemory() - before) / 1e6).toBeLessThan(10)
})

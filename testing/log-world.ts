/**
 * Owns the channels of a line whose server has a log and pages of it, and nothing that happens by itself.
 */
import { createChannelsWorld } from './channels-world.js'
import { createLogServer } from './log-server.js'

export function createLogWorld(before = 0) {
  const world = createChannelsWorld({ hasPages: true })
  const server = createLogServer(world, before)
  /** Everything goes its way until nothing moves. */
  function calm(...readers: { read(): void }[]): void {
    for (let moved = true; moved; ) {
      moved = server.look() || server.deliver() || server.pump(100)
      for (const tab of readers) tab.read()
      moved ||= world.sent.length > 0
    }
  }
  return { ...world, server, calm }
}

/** A channel that one tab has open, live at the head of a log of so many events. */
export function openLogWorld(before: number) {
  const world = createLogWorld(before)
  const steady = world.openTab()
  steady.subscribe()
  world.server.look()
  return { ...world, steady }
}

/**
 * Owns the gateway of a simulated world: the real switchboard on the real log, in a process that can die
 * at any moment and be started again. The log's file outlives it; its door and its moods do not.
 */
import type { Log } from '../../gateway/log/log.js'
import { Refusal } from '../../gateway/refusal.js'
import { createSwitchboard, type Switchboard } from '../../gateway/switchboard.js'
import type { Commons } from './commons.js'
import { createFrontDoor, type FrontDoor } from './front-door.js'
import { createLogFiles } from './log-files.js'
import type { Listener } from './network.js'
import type { People } from './people.js'
import type { Thread } from './scheduler.js'

export interface GatewayProcess extends Listener {
  readonly switchboard: Switchboard | undefined
  /** The log itself, which no process stands before. */
  readonly log: Log
  readonly door: FrontDoor
  /** It decides nothing: the service behind it does not answer. */
  isIdle: boolean
  start(): void
  crash(): void
  /** While no process runs: the log is empty from now on. */
  loseLog(): Promise<void>
  close(): Promise<void>
}

/** Small, so that their ends are met. */
const LIMITS = { ringEvents: 8, frameEvents: 5, pageEvents: 5, window: 8, sessionMs: 20_000 }
export const HEARTBEAT = { intervalMs: 5_000, timeoutMs: 2_000 }

export async function createGatewayProcess(
  commons: Commons,
  people: People,
): Promise<GatewayProcess> {
  const { scheduler } = commons
  const files = await createLogFiles(commons)
  const dice = scheduler.dice('gateway')
  let ids = 0
  let door = createFrontDoor()
  let isIdle = false
  let thread: Thread | undefined
  let switchboard: Switchboard | undefined
  let kill = (): void => {}

  function start(): void {
    if (thread) return
    const own = scheduler.thread('gateway')
    const { port, die } = files.openerOf(own)
    thread = own
    door = createFrontDoor()
    isIdle = false
    switchboard = createSwitchboard({
      log: port,
      clock: {
        now: () => scheduler.now,
        wall: scheduler.wall,
        after: (ms, run) => own.after(ms, 'timer', run),
      },
      random: { roll: dice.roll, newId: () => `g${++ids}` },
      limits: LIMITS,
      heartbeat: HEARTBEAT,
      requests: { echo: (payload) => payload },
      authenticate(token) {
        const identity = people.hasNames ? people.ownerOf(token) : ''
        return identity === undefined ? undefined : { identity }
      },
      authorize() {
        if (isIdle) throw new Error('not now')
        return true
      },
      operations: {
        forbidden() {
          throw new Refusal('forbidden')
        },
      },
    })
    kill = die
  }

  return {
    get log() {
      return files.log
    },
    get thread() {
      return thread
    },
    get switchboard() {
      return switchboard
    },
    get door() {
      return door
    },
    get isIdle() {
      return isIdle
    },
    set isIdle(value) {
      isIdle = value
    },
    connect(socket) {
      const own = switchboard
      if (!own) throw new Error('nobody listens')
      return door.enter(socket, (guest) => own.connect(guest, { url: '/line', headers: {} }))
    },
    start,
    crash() {
      thread?.kill()
      kill()
      thread = undefined
      switchboard = undefined
    },
    loseLog: files.lose,
    close: files.close,
  }
}

/**
 * Owns the one socket and the one timer of the line (P1): feeds facts to the machine, does what it
 * says. It decides nothing, and knows neither channels nor operations: frames pass through.
 *
 * Every socket is heard through a closure that asks "am I still the one?", so a late frame or close
 * of an older socket touches nobody (F34).
 */
import type { Suspicion } from '../../protocol/port.js'
import type { LineState } from '../../protocol/status.js'
import { SUBPROTOCOL } from '../../protocol/version.js'
import { CLOSE } from '../../protocol/wire/close-codes.js'
import { decodeDown, encode } from '../../protocol/wire/codec.js'
import type { DownBody, DownFrame } from '../../protocol/wire/frames-down.js'
import type { UpBody, UpFrame } from '../../protocol/wire/frames-up.js'
import { MESSAGE_MAX } from '../../protocol/wire/limits.js'
import type { Clock, Random } from '../clock.js'
import { publicState } from './public-state.js'
import type { Rules } from './rules.js'
import type { OpenSocket, Socket } from './socket.js'
import type { Effect, Fact, Happening, Health, PauseReason, State, TokenAsker } from './state.js'
import { deadlineOf, IDLE, step } from './step.js'

/** Frames that the connection does not consume itself. */
export type LineFrame = Exclude<DownFrame, readonly ['welcome' | 'pong' | 'drain' | 'bye', unknown]>

export interface ConnectionOptions {
  readonly clock: Clock
  readonly random: Random
  readonly openSocket: OpenSocket
  readonly url: string
  readonly rules: Rules
  /** The hello for a socket that has just opened; undefined if nobody can say who we are. */
  greet(): Promise<UpBody<'hello'> | undefined>
  /** We were refused: says whether there is something else to try now. */
  hasNewToken(by: TokenAsker): Promise<boolean>
  /** Asked only where the rules say that there is somebody to ask. */
  askHealth(): Promise<Health>
  onWelcome(welcome: DownBody<'welcome'>): void
  onFrame(frame: LineFrame): void
  /** The socket on which we were welcome is gone. */
  onLost(): void
  onChange(state: LineState): void
}

export interface Connection {
  readonly state: LineState
  /** Whether frames sent now reach a server that has welcomed us. */
  readonly isOnline: boolean
  start(): void
  send(frames: readonly UpFrame[]): void
  suspect(why: Suspicion): void
  reconnect(): void
  /** No attempt is made while there is a reason not to; whoever gave one takes it back. */
  pause(reason: PauseReason): void
  resume(reason: PauseReason): void
  /** The server said what cannot be: hang up and begin again. */
  violate(why: string): void
  /** Resolves when the socket is gone, as far as that is known; nothing is heard after the call. */
  close(): Promise<void>
}

export function createConnection(options: ConnectionOptions): Connection {
  const { clock, random, rules } = options
  let state: State = IDLE
  let shown: LineState = publicState(state, (at) => at)
  let socket: Socket | null = null
  let closing = Promise.resolve()
  let stopTimer = (): void => {}

  function hear(happening: Happening): void {
    const fact = { ...happening, now: clock.now(), roll: random() } as Fact
    const before = state
    const next = step(state, fact, rules)
    if (next.state === before && next.effects.length === 0) {
      // setTimeout cuts fractions off and rings up to a millisecond early: too early to act, and
      // nobody else would ever ring again.
      if (fact.type === 'deadline-passed') arm()
      return
    }
    state = next.state
    for (const effect of next.effects) perform(effect)
    if (state !== before) settle(before)
  }

  function settle(before: State): void {
    arm()
    if (before.name === 'online' && state.name !== 'online') options.onLost()
    const offset = clock.wall() - clock.now()
    shown = publicState(state, (at) => at + offset)
    options.onChange(shown)
  }

  function arm(): void {
    stopTimer()
    const deadline = deadlineOf(state)
    if (deadline === null || deadline === Infinity) stopTimer = () => {}
    else {
      const wait = Math.max(0, deadline - clock.now())
      stopTimer = clock.after(wait, () => hear({ type: 'deadline-passed' }))
    }
  }

  function perform(effect: Effect): void {
    switch (effect.type) {
      case 'open-socket':
        return openSocket()
      case 'close-socket':
        return closeSocket(effect.code, effect.why)
      case 'greet':
        return void greet(socket)
      case 'send-ping':
        return send([['ping', { id: effect.id }]])
      case 'ask-token':
        return void options.hasNewToken(effect.by).then((isNew) => {
          if (isNew) hear({ type: 'token-changed' })
        })
      case 'ask-health':
        return void options.askHealth().then((health) => hear({ type: 'health-told', health }))
    }
  }

  function openSocket(): void {
    closeSocket(CLOSE.normal)
    let own: Socket
    const isCurrent = (): boolean => socket === own
    try {
      own = options.openSocket(options.url, SUBPROTOCOL, {
        opened: () => isCurrent() && hear({ type: 'socket-opened' }),
        received: (message) => isCurrent() && receive(message, isCurrent),
        closed: (code, why) => {
          if (!isCurrent()) return
          socket = null
          hear({ type: 'socket-closed', code, why })
        },
      })
      socket = own
    } catch (reason) {
      // `ws:` from a page of `https:` throws in Chromium, and always will.
      const closed = { type: 'socket-closed', code: CLOSE.policy, why: String(reason) } as const
      void Promise.resolve().then(() => hear(closed))
    }
  }

  function closeSocket(code: number, why?: string): void {
    const old = socket
    socket = null
    if (old) closing = Promise.resolve(old.close(code, why))
  }

  async function greet(own: Socket | null): Promise<void> {
    const hello = await options.greet()
    if (!own || own !== socket || state.name !== 'greeting') return
    if (hello) send([['hello', hello]])
    // As if the server had refused us, which it would, or should.
    else hear({ type: 'socket-closed', code: CLOSE.unauthorized })
  }

  function receive(message: unknown, isCurrent: () => boolean): void {
    const decoded = decodeDown(message, MESSAGE_MAX)
    if (!decoded.ok) {
      return violate(decoded.violation.why)
    }
    hear({ type: 'heard' })
    for (const frame of decoded.frames) {
      if (!isCurrent()) return
      dispatch(frame)
    }
  }

  function dispatch(frame: DownFrame): void {
    switch (frame[0]) {
      case 'welcome':
        return welcome(frame[1])
      case 'pong':
        return hear({ type: 'pong-received', id: frame[1].id })
      case 'drain':
        return hear({ type: 'drain-announced', inMs: frame[1].in, spreadMs: frame[1].spread })
      case 'bye': {
        const { code, why, after, spread } = frame[1]
        return hear({
          type: 'socket-closed',
          code,
          ...(why !== undefined && { why }),
          ...(after !== undefined && { afterMs: after }),
          ...(spread !== undefined && { spreadMs: spread }),
        })
      }
      default:
        // Nothing but a welcome may come first.
        if (state.name === 'online') options.onFrame(frame)
        else violate(`${frame[0]} before welcome`)
    }
  }

  function welcome(body: DownBody<'welcome'>): void {
    if (state.name !== 'greeting') return violate('a second welcome')
    const { interval, timeout } = body.heartbeat
    hear({ type: 'welcomed', intervalMs: interval, timeoutMs: timeout })
    options.onWelcome(body)
  }

  /** The sentence goes out with the close: it is for whoever debugs the server. */
  function violate(why: string): void {
    hear({ type: 'violated', why })
  }

  function send(frames: readonly UpFrame[]): void {
    if (frames.length) socket?.send(encode(frames))
  }

  return {
    get state() {
      return shown
    },
    get isOnline() {
      return state.name === 'online'
    },
    start: () => hear({ type: 'started' }),
    send: (frames) => {
      if (state.name === 'online') send(frames)
    },
    suspect: (why) => hear({ type: 'suspected', why }),
    reconnect: () => hear({ type: 'reconnect-asked' }),
    pause: (reason) => hear({ type: 'pause-asked', reason }),
    resume: (reason) => hear({ type: 'resume-asked', reason }),
    violate,
    // What it throws, it throws at once: a promise would carry it past whoever tidies up.
    close() {
      hear({ type: 'closed-by-us' })
      stopTimer()
      return closing
    },
  }
}

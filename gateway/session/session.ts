/**
 * Owns one connection from its opening to its end: which frame is allowed when, and which part it
 * goes to. It knows a socket only as four calls, and no time but the injected clock.
 *
 * Whatever a client sends, it ends in an answer or in one close with a code (F46); after that close
 * nothing of the connection acts any more.
 */
import { CLOSE } from '../../protocol/wire/close-codes.js'
import { decodeUp } from '../../protocol/wire/codec.js'
import type { DownBody } from '../../protocol/wire/frames-down.js'
import type { UpBody, UpFrame } from '../../protocol/wire/frames-up.js'
import type { Socket } from '../environment.js'
import type { ConnectionRequest } from '../operations/operations.js'
import { Unauthorized } from '../unauthorized.js'
import { createAuthority } from './authority.js'
import { type Conversation, createConversation, type LaterFrame } from './conversation.js'
import { greet, objectionTo } from './greet.js'
import { createLiveness } from './liveness.js'
import { createRate } from './rate.js'
import { createVoice } from './voice.js'
import type { Wiring } from './wiring.js'

export interface Session {
  readonly isWelcomed: boolean
  /** A message has come; anything but text is a violation. */
  receive(message: unknown): void
  /** The socket is gone. */
  ended(): void
  drain(notice: DownBody<'drain'>): void
  /** Says why and closes. */
  bye(code: number, why: string, wait?: { readonly after?: number; readonly spread?: number }): void
}

const BUSY = { after: 2_000, spread: 8_000 }
const waitOf = ({ after }: Unauthorized) => (after === undefined ? {} : { after })

export function createSession(wiring: Wiring, socket: Socket, request: ConnectionRequest): Session {
  const { clock, limits, heartbeat, counters, logger } = wiring
  let phase: 'silent' | 'greeting' | 'open' | 'over' = 'silent'
  let early: LaterFrame[] = []
  let earlyChars = 0
  let open: Conversation | undefined

  const mayMore = createRate(clock, limits.messagesPerSecond, limits.messageBurst)
  const liveness = createLiveness(clock, heartbeat.intervalMs + heartbeat.timeoutMs, () => {
    counters.halfOpen += 1
    over()
    socket.terminate()
  })
  const stopHelloTimer = clock.after(limits.helloMs, () => {
    if (phase === 'silent') bye(CLOSE.policy, 'no hello in time')
  })
  const voice = createVoice({
    socket,
    bufferedHard: limits.bufferedHard,
    messageChars: limits.frameChars,
    onTooSlow: tooSlow,
  })
  const authority = createAuthority({
    authenticate: wiring.authenticate,
    request,
    clock,
    onNeeded(within) {
      // Nothing may come before the welcome, and whoever waits for it has just shown a token.
      if (phase === 'open') voice.say(['auth-needed', { within, why: 'the token ends soon' }])
    },
    onEnded: () => bye(CLOSE.unauthorized, 'the token has ended'),
    onRefused: (why) => bye(CLOSE.unauthorized, why),
    onFailure: failed,
  })

  function over(): void {
    phase = 'over'
    early = []
    stopHelloTimer()
    liveness.close()
    authority.close()
    voice.close()
    open?.close()
    open = undefined
  }

  function bye(code: number, why: string, wait: { after?: number; spread?: number } = {}): void {
    if (phase === 'over') return
    logger('info', 'bye', { code, why, address: request.address })
    voice.say(['bye', { code, why: why.slice(0, 1024), ...wait }])
    voice.flush()
    over()
    socket.close(code, why)
  }

  function tooSlow(): void {
    if (phase === 'over') return
    // No goodbye: it would lie behind everything that is not read.
    over()
    socket.close(CLOSE.tooSlow, 'too slow')
  }

  function failed(error: unknown): void {
    if (phase === 'over') return
    if (error instanceof Unauthorized) return bye(CLOSE.unauthorized, error.message, waitOf(error))
    logger('error', 'session-failed', { error })
    bye(CLOSE.tryLater, 'the server cannot answer now', BUSY)
  }

  async function hear(hello: UpBody<'hello'>): Promise<void> {
    phase = 'greeting'
    stopHelloTimer()
    const objection = objectionTo(hello, limits)
    if (objection) return bye(...objection)
    if (!(await authority.admit(hello.auth)) || phase !== 'greeting') return
    const made = move(hello)
    if (!made) return bye(CLOSE.superseded, 'a newer connection of this client exists')
    open = made
    const { welcome, opened } = await greet(hello, made.place, made.subscriptions, wiring)
    // As it closed while we looked things up, `over` has let go of everything.
    if (open !== made) return
    phase = 'open'
    const { session, resumed } = welcome
    logger('info', 'welcomed', { client: hello.client, session, resumed, address: request.address })
    voice.say(['welcome', welcome])
    voice.flush()
    // The welcome itself may have been too much for the socket.
    if (open !== made) return
    for (const { start } of opened) start()
    made.begin()
    forgetSettled(made.place.author, hello.lanes)
    const waiting = early
    early = []
    for (const frame of waiting) handle(frame)
  }

  function move(hello: UpBody<'hello'>): Conversation | undefined {
    const { identity } = authority.caller
    const { client, connection, session } = hello
    const onSuperseded = () => bye(CLOSE.superseded, 'a newer connection of this client has come')
    const place = wiring.clients.enter({ identity, client, connection, session, onSuperseded })
    if (!place) return undefined
    const ends = { onViolation: bye, onTooSlow: tooSlow, onFailure: failed }
    return createConversation({ wiring, socket, voice, authority, hello, place, ...ends })
  }

  function forgetSettled(author: string, lanes: UpBody<'hello'>['lanes']): void {
    for (const { lane, epoch, seq } of lanes) {
      // Housekeeping: if it fails, the answers are kept a little longer.
      if (seq > 1) wiring.log.forget(author, lane, epoch, seq).catch(() => undefined)
    }
  }

  function handle(frame: UpFrame): void {
    if (phase === 'over') return
    if (frame[0] === 'ping') return voice.say(['pong', { id: frame[1].id }])
    if (frame[0] === 'hello') {
      if (phase !== 'silent') return bye(CLOSE.protocolError, 'a second hello')
      return void hear(frame[1]).catch(failed)
    }
    if (phase === 'silent') return bye(CLOSE.protocolError, 'the first frame is a hello')
    if (open && phase === 'open') return open.take(frame)
    if (early.length >= limits.early) return bye(CLOSE.policy, 'too much before the welcome')
    early.push(frame)
  }

  return {
    get isWelcomed() {
      return phase === 'open'
    },
    receive(message) {
      if (phase === 'over') return
      liveness.heard()
      if (!mayMore()) return bye(CLOSE.busy, 'too many messages', BUSY)
      const decoded = decodeUp(message, limits.message)
      if (!decoded.ok) return bye(decoded.violation.close, decoded.violation.why)
      const waiting = early.length
      for (const frame of decoded.frames) handle(frame)
      if (early.length <= waiting) return
      // It is kept for somebody who may turn out to be nobody.
      earlyChars += String(message).length
      if (earlyChars > limits.message) bye(CLOSE.policy, 'too much before the welcome')
    },
    ended: over,
    drain(notice) {
      if (phase === 'open') voice.say(['drain', notice])
    },
    bye,
  }
}

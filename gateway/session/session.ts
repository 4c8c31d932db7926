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
import { isStorable } from '../log/text.js'
import type { ConnectionRequest } from '../operations/operations.js'
import { createAuthority } from './authority.js'
import type { Place } from './clients.js'
import { greet, objectionTo } from './greet.js'
import { createLanes, type Lanes } from './lanes.js'
import { createLiveness } from './liveness.js'
import { createPump, type Pump } from './pump.js'
import { createRate } from './rate.js'
import { createSubscriptions, type Subscriptions } from './subscriptions.js'
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

/** What there is after the welcome. */
interface Open {
  readonly place: Place
  readonly pump: Pump
  readonly subscriptions: Subscriptions
  readonly lanes: Lanes
}

const BUSY = { after: 2_000, spread: 8_000 }

export function createSession(wiring: Wiring, socket: Socket, request: ConnectionRequest): Session {
  const { clock, limits, heartbeat, counters, logger } = wiring
  let phase: 'silent' | 'greeting' | 'open' | 'over' = 'silent'
  let early: UpFrame[] = []
  let earlyChars = 0
  /** Subscriptions and tokens that the app or the log is being asked about. */
  let asking = 0
  let open: Open | undefined

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
    onNeeded: (within) => voice.say(['auth-needed', { within, why: 'the token ends soon' }]),
    onEnded: () => bye(CLOSE.unauthorized, 'the token has ended'),
    onFailure: failed,
  })

  function over(): void {
    phase = 'over'
    early = []
    stopHelloTimer()
    liveness.close()
    authority.close()
    voice.close()
    open?.lanes.close()
    open?.pump.close()
    open?.subscriptions.close()
    open?.place.leave()
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
    logger('error', 'session-failed', { error })
    bye(CLOSE.tryLater, 'the server cannot answer now', BUSY)
  }

  async function hear(hello: UpBody<'hello'>): Promise<void> {
    phase = 'greeting'
    stopHelloTimer()
    const objection = objectionTo(hello, limits)
    if (objection) return bye(...objection)
    const admission = await authority.admit(hello.auth)
    if (phase !== 'greeting' || admission === 'failed') return
    if (admission === 'refused') return bye(CLOSE.unauthorized, 'the token is not valid')
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
    for (const { start } of opened) start()
    forgetSettled(made.place.author, hello.lanes)
    const waiting = early
    early = []
    for (const frame of waiting) handle(frame)
  }

  function move(hello: UpBody<'hello'>): Open | undefined {
    const { identity } = authority
    const { client, connection, session } = hello
    const onSuperseded = () => bye(CLOSE.superseded, 'a newer connection of this client has come')
    const place = wiring.clients.enter({ identity, client, connection, session, onSuperseded })
    if (!place) return undefined
    const pump = createPump({
      clock,
      socket,
      limits,
      counters,
      credit: hello.credit,
      text: (message) => voice.text(message),
      say: (frame) => voice.say(frame),
      onTooSlow: tooSlow,
      onFailure: failed,
    })
    const subscriptions = createSubscriptions({ wiring, identity, pump })
    const lanes = createLanes({ wiring, identity, client, place, voice, declared: hello.lanes })
    return { place, pump, subscriptions, lanes }
  }

  function forgetSettled(author: string, lanes: UpBody<'hello'>['lanes']): void {
    for (const { lane, epoch, seq } of lanes) {
      // Housekeeping: if it fails, the answers are kept a little longer.
      if (seq > 1) wiring.log.forget(author, lane, epoch, seq).catch(() => undefined)
    }
  }

  async function subscribe(wanted: UpBody<'subscribe'>, { subscriptions }: Open): Promise<void> {
    const { answer, start } = await subscriptions.open(wanted)
    if (phase !== 'open') return
    voice.say(['subscribed', answer])
    start()
  }

  async function refresh(token: string): Promise<void> {
    const admission = await authority.admit(token)
    if (admission === 'refused') bye(CLOSE.unauthorized, 'the new token is not valid here')
  }

  /** What waits for others is bounded: they may be slow, and the client fast (P14). */
  function ask(question: () => Promise<void>): void {
    if (asking >= limits.channels) return bye(CLOSE.policy, 'too many questions at once')
    asking += 1
    const answered = (): void => {
      asking -= 1
    }
    void question().catch(failed).finally(answered)
  }

  function handle(frame: UpFrame): void {
    const [type, body] = frame
    if (phase === 'over') return
    if (type === 'ping') return voice.say(['pong', { id: body.id }])
    if (type === 'hello') {
      if (phase !== 'silent') return bye(CLOSE.protocolError, 'a second hello')
      return void hear(body).catch(failed)
    }
    if (phase === 'silent') return bye(CLOSE.protocolError, 'the first frame is a hello')
    if (!open || phase === 'greeting') {
      if (early.length >= limits.early) return bye(CLOSE.policy, 'too much before the welcome')
      early.push(frame)
      return
    }
    switch (type) {
      case 'subscribe':
        return ask(subscribe.bind(undefined, body, open))
      case 'unsubscribe':
        return open.subscriptions.end(body.channel)
      case 'credit':
        return open.pump.grant(body.events)
      case 'auth':
        return ask(refresh.bind(undefined, body.token))
      case 'op':
        if (![body.lane, body.key, body.type, body.channel ?? ''].every(isStorable)) {
          return bye(CLOSE.invalidPayload, 'a name with a lone surrogate or a NUL')
        }
        if (!open.lanes.take(body))
          bye(CLOSE.policy, `more than ${limits.window} operations in flight, or too many lanes`)
    }
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

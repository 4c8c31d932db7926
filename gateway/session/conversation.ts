/**
 * Owns what there is of a connection once its hello is believed: its parts, made and closed together,
 * and which frame goes to which of them. When a frame may come at all is the session's business.
 */
import { CLOSE } from '../../protocol/wire/close-codes.js'
import type { UpBody, UpFrame } from '../../protocol/wire/frames-up.js'
import type { Socket } from '../environment.js'
import { isStorable } from '../log/text.js'
import { createAttendance } from '../presence/attendance.js'
import type { Authority } from './authority.js'
import type { Place } from './clients.js'
import { createLanes } from './lanes.js'
import { createPages } from './pages.js'
import { createPermit } from './permit.js'
import { createPump } from './pump.js'
import { createRequests } from './requests.js'
import { createSignals } from './signals.js'
import { createSubscriptions, type Subscriptions } from './subscriptions.js'
import type { Voice } from './voice.js'
import type { Wiring } from './wiring.js'

/** What a client says after its hello. */
export type LaterFrame = Exclude<UpFrame, readonly ['hello' | 'ping', unknown]>

export interface Conversation {
  readonly place: Place
  readonly subscriptions: Subscriptions
  /** The welcome has been said. */
  begin(): void
  take(frame: LaterFrame): void
  close(): void
}

export interface ConversationOptions {
  readonly wiring: Wiring
  readonly socket: Socket
  readonly voice: Voice
  readonly authority: Authority
  readonly hello: UpBody<'hello'>
  readonly place: Place
  readonly onViolation: (code: number, why: string) => void
  readonly onTooSlow: () => void
  readonly onFailure: (error: unknown) => void
}

export function createConversation(options: ConversationOptions): Conversation {
  const { wiring, socket, voice, authority, hello, place } = options
  const { onViolation, onTooSlow, onFailure } = options
  const { authorize, clock, counters, limits, roster } = wiring
  const { client, features } = hello
  const { member } = place
  /** Questions to the app or the log that are not answered yet. */
  let asking = 0
  let isClosed = false

  const permit = createPermit(authorize, authority)
  const pump = createPump({
    clock,
    socket,
    limits,
    counters,
    credit: hello.credit,
    text: (message) => voice.text(message),
    say: (frame) => voice.say(frame),
    onTooSlow,
    onFailure,
  })
  const mayHear = features.includes('signals')
  const signals = createSignals({ wiring, permit, member, socket, voice, mayHear })
  const onStarted = signals.hear
  const subscriptions = createSubscriptions({ wiring, permit, pump, onStarted })
  const lanes = createLanes({ wiring, authority, client, place, voice, declared: hello.lanes })
  const pages = createPages({ wiring, permit, socket, voice })
  const requests = createRequests({ wiring, permit, authority, client, voice })
  const attendance = createAttendance({
    roster,
    permit,
    holder: { author: place.author, member, identity: authority.caller.identity },
    watcher: {
      hasRoom: () => socket.buffered() <= limits.bufferedSoft,
      tell: (messages) => messages.forEach(voice.text),
    },
    mayWatch: features.includes('presence'),
    stateChars: limits.presence,
    channels: limits.channels,
    onRefused: () => {
      counters.presenceRefused += 1
    },
  })

  /** What waits for others is bounded: they may be slow, and the client fast (P14). */
  function ask(question: () => Promise<unknown>): void {
    if (asking >= limits.channels) return onViolation(CLOSE.policy, 'too many questions at once')
    asking += 1
    const answered = (): void => {
      asking -= 1
    }
    void question().catch(onFailure).finally(answered)
  }

  async function subscribe(wanted: UpBody<'subscribe'>): Promise<void> {
    const { answer, start } = await subscriptions.open(wanted)
    if (isClosed) return
    voice.say(['subscribed', answer])
    start()
  }

  function operate(op: UpBody<'op'>): void {
    if (![op.lane, op.key, op.type, op.channel ?? ''].every(isStorable)) {
      onViolation(CLOSE.invalidPayload, 'a name with a lone surrogate or a NUL')
    } else if (!lanes.take(op)) {
      const why = `more than ${limits.window} operations in flight, or too many lanes`
      onViolation(CLOSE.policy, why)
    }
  }

  return {
    place,
    subscriptions,
    begin() {
      if (!hello.presence) return
      attendance.begin(hello.presence, (wanted) => ask(() => attendance.say(wanted)))
    },
    take([type, body]) {
      switch (type) {
        case 'subscribe':
          return ask(() => subscribe(body))
        case 'unsubscribe':
          return subscriptions.end(body.channel)
        case 'credit':
          return pump.grant(body.events)
        case 'auth':
          return ask(() => authority.admit(body.token))
        case 'op':
          return operate(body)
        case 'fetch':
          return ask(() => pages.fetch(body))
        case 'request':
          if (requests.take(body)) return
          return onViolation(CLOSE.protocolError, `request ${body.id} is not answered yet`)
        case 'cancel':
          return requests.cancel(body.id)
        case 'signal':
          return signals.send(body)
        case 'presence':
          return ask(() => attendance.say(body))
      }
    },
    close() {
      isClosed = true
      lanes.close()
      pump.close()
      subscriptions.close()
      pages.close()
      requests.close()
      signals.close()
      attendance.close()
      place.leave()
    },
  }
}

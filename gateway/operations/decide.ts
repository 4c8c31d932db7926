/**
 * Owns what an operation frame comes to: a refusal, a publish, or an app's own operation. It decides
 * and runs handlers; numbers, durability and answers are others' business.
 *
 * Whatever can be decided at once is (`now`), so that a lane of publishes shares one commit. A refusal
 * is an effect like any other: it is kept, and a repeat gets it again (F30).
 */
import type { UpBody } from '../../protocol/wire/frames-up.js'
import type { Effect } from '../log/log.js'
import { isStorable } from '../log/text.js'
import { Refusal } from '../refusal.js'
import { checkChannel, isJson, parseJson, toJson } from './json.js'
import type { Authorize, Caller, MaybePromise, Operation, OperationEffect } from './operations.js'
import type { Patience } from './patience.js'

export type Decision =
  | { readonly when: 'now'; readonly effect: Effect }
  /** Must wait for everything before it in its lane. May reject: not now. */
  | { readonly when: 'later'; readonly run: () => Promise<Effect> }

export interface Sender {
  readonly caller: Caller
  readonly client: string
}

export interface DecideOptions {
  readonly authorize: Authorize
  readonly operations: Readonly<Record<string, Operation>>
  readonly patience: Patience
  readonly payloadLimit: number
}

type Op = UpBody<'op'>

export type Decide = (op: Op, sender: Sender) => Decision

export function createDecide(options: DecideOptions): Decide {
  const { authorize, operations, patience, payloadLimit } = options

  function publish({ channel, payload }: Op, { identity, claims }: Caller): Decision {
    if (channel === undefined) return refuse('no-channel', 'a publish names its channel')
    if (payload === undefined || !isJson(payload)) return refuse('bad-payload', 'not JSON')
    const effect: Effect = { publish: [{ channel, payload }], answer: 'last-id' }
    const question = { action: 'publish', identity, claims, channel } as const
    let verdict: MaybePromise<boolean>
    try {
      verdict = authorize(question)
    } catch (error) {
      if (error instanceof Refusal) return now(refusalOf(error))
      return { when: 'later', run: () => Promise.reject(error) }
    }
    if (typeof verdict === 'boolean') return verdict ? now(effect) : refuse('denied')
    const asked = verdict
    // Asked already; a rejection is looked at when the operation's turn comes.
    asked.catch(() => undefined)
    return later(async () => ((await asked) ? effect : refusal('denied')))
  }

  function send(op: Op, operation: Operation, { caller, client }: Sender): Decision {
    const { type, channel, lane, key, payload } = op
    const { identity, claims } = caller
    return later(async () => {
      const parsed = payload === undefined ? undefined : parseJson(payload)
      if (!(await authorize({ action: 'send', identity, claims, type, channel })))
        return refusal('denied')
      const deadline = new AbortController()
      const { signal } = deadline
      const context = { type, identity, claims, client, lane, channel, key, signal }
      const effect = await patience(operation(parsed, context), (error) => deadline.abort(error))
      return effectOf(effect ?? {}, payloadLimit)
    })
  }

  return (op, sender) => {
    if (op.withdrawn) return refuse('withdrawn', 'given up by its sender before it took effect')
    const { type, payload = '' } = op
    if (payload.length > payloadLimit) {
      return refuse('too-large', `${payload.length} characters exceed ${payloadLimit}`)
    }
    if (!isStorable(payload)) return refuse('bad-payload', 'a lone surrogate or a NUL')
    const own = Object.hasOwn(operations, type) ? operations[type] : undefined
    if (own) return send(op, own, sender)
    if (type === 'publish') return publish(op, sender.caller)
    return refuse('unknown-type', type)
  }
}

function effectOf({ publish = [], result }: OperationEffect, limit: number): Effect {
  return {
    publish: publish.map(({ channel, payload }) => ({
      channel: checkChannel(channel),
      payload: toJson(payload, limit),
    })),
    answer: result === undefined ? { ok: true } : { ok: true, result: toJson(result, limit) },
  }
}

const now = (effect: Effect): Decision => ({ when: 'now', effect })
const refusal = (code: string, why?: string): Effect => ({
  publish: [],
  answer: why === undefined ? { ok: false, code } : { ok: false, code, why },
})
const refusalOf = ({ code, why }: Refusal): Effect => refusal(code, why)
const refuse = (code: string, why?: string): Decision => now(refusal(code, why))

const later = (run: () => Promise<Effect>): Decision => ({
  when: 'later',
  async run() {
    try {
      return await run()
    } catch (error) {
      if (error instanceof Refusal) return refusalOf(error)
      throw error
    }
  },
})

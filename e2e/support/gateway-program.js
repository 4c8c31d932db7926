/**
 * The gateway's process: the built gateway on a file, and answers to the spec that started it. All
 * state that matters is in the file; a new process on the same file is the same gateway.
 *
 * Started by gateway.ts as: gateway-program.js <file> <port> <tokens as JSON, or nothing> <options as JSON>
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import process from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createGateway, openSqliteLog, Refusal } from 'partyline/gateway'

/**
 * @typedef {import('./gateway-questions.js').Question} Question
 * @typedef {import('./gateway-questions.js').Answer} Answer
 * @typedef {import('./gateway-questions.js').GatewayStats} GatewayStats
 * @typedef {import('./gateway-questions.js').GatewayMemory} GatewayMemory
 * @typedef {import('./gateway-questions.js').GatewayEvent} GatewayEvent
 */

const [file = ':memory:', port = '0', tokens = '', options = '{}'] = process.argv.slice(2)
/** @type {import('./gateway.js').GatewayOptions} */
const { limits, heartbeat } = JSON.parse(options)
/** @type {readonly string[] | undefined} */
let accepted = tokens ? JSON.parse(tokens) : undefined
/** @type {readonly string[]} */
let denied = []
/** Connections at a time. */
let most = 0
let welcomedAt = 0
/** @type {Readonly<Record<string, number>>} */
let lives = {}
/** @type {import('./gateway-questions.js').Sighting[]} */
const sightings = []
/** @type {string[]} */
const said = []

const log = await openSqliteLog({ file })

/**
 * The whole of a channel, as a snapshot wants it.
 * @param {string} channel @returns {Promise<import('./gateway-questions.js').Whole>}
 */
async function whole(channel) {
  const { epoch, after, events } = await log.tail(channel, 10_000)
  return {
    epoch,
    state: events.map(([, payload]) => JSON.parse(payload)),
    // What has been trimmed away is no longer there, and yet behind us.
    at: events.at(-1)?.[0] ?? after,
  }
}

const server = createServer()
const gateway = createGateway({
  server,
  log,
  origins: '*',
  limits,
  heartbeat,
  logger(...line) {
    said.push(JSON.stringify(line))
    const [, event] = line
    if (event === 'welcomed') welcomedAt = Date.now()
  },
  authorize: (question) => question.action !== 'subscribe' || !denied.includes(question.channel),
  authenticate(token, { url, headers }) {
    sightings.push({ ...(token !== undefined && { token }), url })
    const shown = token ?? /session=([^;]+)/.exec(String(headers.cookie))?.[1]
    if (accepted && !accepted.includes(String(shown))) return undefined
    most = Math.max(most, gateway.stats().connections + 1)
    return { identity: '', expiresIn: lives[String(shown)] }
  },
  requests: {
    double: (payload) => 2 * Number(payload),
    /** Answers when it is too late. */
    slow: (_payload, { signal }) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined))),
    forbidden() {
      throw new Refusal('forbidden', 'nobody may ask')
    },
    whole: (channel) => whole(String(channel)),
  },
  operations: {
    /** Takes effect as an event, and has a result. */
    note: (payload) => ({ publish: [{ channel: 'notes', payload }], result: { noted: payload } }),
    /** Can never take effect. */
    forbidden() {
      throw new Refusal('forbidden', 'nobody may do this')
    },
    /** Never gets as far as an answer that settles it. */
    poison() {
      throw new Error('the handler breaks on it every time')
    },
  },
})
server.listen(Number(port), '127.0.0.1')
await once(server, 'listening')

/** @returns {GatewayMemory} */
function memory() {
  setFlagsFromString('--expose-gc')
  const collect = /** @type {() => void} */ (runInNewContext('gc'))
  // What the first frees, a finalizer may have held.
  for (let round = 0; round < 2; round++) collect()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heap: heapUsed + external, resident: rss }
}

/** @param {Question} question @returns {Promise<unknown>} */
async function answer(question) {
  switch (question.ask) {
    case 'stats': {
      const { connections, opened } = gateway.stats()
      return /** @type {GatewayStats} */ ({ connections, opened })
    }
    case 'most':
      return most
    case 'welcomedAt':
      return welcomedAt
    case 'memory':
      return memory()
    case 'publish':
      return gateway.publish(question.channel, question.payload)
    case 'read': {
      const { events } = await log.tail(question.channel, 10_000)
      return told(events)
    }
    case 'position':
      return log.position(question.channel)
    case 'whole':
      return whole(question.channel)
    case 'trim': {
      const { channel, keep } = question
      /** @type {import('partyline/gateway').LoggedEvent[]} What comes between reading and trimming. */
      const late = []
      const stop = await log.follow(channel, ({ events }) => void late.push(...events))
      const { events } = await log.tail(channel, 10_000)
      await log.trim(channel, keep)
      stop()
      const known = new Set(events.map(([id]) => id))
      return told([...events, ...late.filter(([id]) => !known.has(id))])
    }
    case 'accept':
      accepted = question.tokens
      return undefined
    case 'end-tokens':
      lives = question.lives
      return undefined
    case 'sightings':
      return sightings
    case 'said':
      return said
    case 'deny':
      denied = question.channels
      return undefined
  }
}

/**
 * @param {readonly import('partyline/gateway').LoggedEvent[]} events
 * @returns {readonly GatewayEvent[]}
 */
const told = (events) => events.map(([id, payload]) => ({ id, payload: JSON.parse(payload) }))

/** @param {Answer} message */
const tell = (message) => process.send?.(message)

process.on('message', (message) => {
  const question = /** @type {Question} */ (message)
  const { id } = question
  answer(question).then(
    (result) => tell({ id, result }),
    (error) => tell({ id, error: String(error) }),
  )
})

process.once('SIGTERM', async () => {
  server.close()
  await gateway.drain({ within: 0, spread: 0 })
  await gateway.close()
  await log.close()
  process.exit(0)
})
// Whoever started us is gone: nothing stays behind.
process.once('disconnect', () => process.exit(0))

const address = /** @type {import('node:net').AddressInfo} */ (server.address())
process.send?.({ port: address.port })

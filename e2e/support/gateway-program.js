/**
 * The gateway's process: the built gateway on a file, and answers to the spec that started it. All
 * state that matters is in the file; a new process on the same file is the same gateway.
 *
 * Started by gateway.ts as: gateway-program.js <file> <port> <tokens as JSON, or nothing>
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import process from 'node:process'
import { createGateway, openSqliteLog } from 'partyline/gateway'

/**
 * @typedef {import('./gateway-questions.js').Question} Question
 * @typedef {import('./gateway-questions.js').Answer} Answer
 * @typedef {import('./gateway-questions.js').GatewayStats} GatewayStats
 * @typedef {import('./gateway-questions.js').GatewayEvent} GatewayEvent
 */

const [file = ':memory:', port = '0', tokens = ''] = process.argv.slice(2)
/** @type {readonly string[] | undefined} */
let accepted = tokens ? JSON.parse(tokens) : undefined

const log = await openSqliteLog({ file })
const server = createServer()
const gateway = createGateway({
  server,
  log,
  origins: '*',
  authenticate: (token) =>
    !accepted || (token && accepted.includes(token)) ? { identity: '' } : undefined,
})
server.listen(Number(port), '127.0.0.1')
await once(server, 'listening')

/** @param {Question} question @returns {Promise<unknown>} */
async function answer(question) {
  switch (question.ask) {
    case 'stats': {
      const { connections, opened } = gateway.stats()
      return /** @type {GatewayStats} */ ({ connections, opened })
    }
    case 'publish':
      return gateway.publish(question.channel, question.payload)
    case 'read': {
      const { events } = await log.tail(question.channel, 10_000)
      return events.map(
        ([id, payload]) => /** @type {GatewayEvent} */ ({ id, payload: JSON.parse(payload) }),
      )
    }
    case 'accept':
      accepted = question.tokens
      return undefined
  }
}

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

/**
 * Owns the demo's process: the built app over HTTP, the gateway on /line of the same server, the
 * boards between them, and an orderly end. An app of one's own puts its server together like this.
 */
import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import path from 'node:path'
import process from 'node:process'
import { createGateway, openSqliteLog } from 'partyline/gateway'
import { NAME_MAX } from '../shared/commands.js'
import { isBell } from './bell.js'
import { answerBoard } from './board-api.js'
import { boardOf, createBoards } from './boards.js'
import { type Flags, readFlags, USAGE } from './flags.js'
import { listen } from './listen.js'
import { createStaticFiles } from './static-files.js'

/** A board is the fold of its whole history, so the history is kept. */
const RETAIN = 1_000_000

async function serve({ host, port, file }: Flags): Promise<void> {
  if (file !== ':memory:') await mkdir(path.dirname(path.resolve(file)), { recursive: true })
  const log = await openSqliteLog({ file, retain: RETAIN })
  const boards = createBoards({ log, now: Date.now })
  const files = createStaticFiles(path.join(import.meta.dirname, 'app'))
  const server = createServer((request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') response.writeHead(405).end()
    else if (!answerBoard(boards, request, response)) void files(request, response)
  })
  const gateway = createGateway({
    server,
    path: '/line',
    log,
    // This demo believes the name. A real app checks a token here.
    authenticate: (name) => (name && name.length <= NAME_MAX ? { identity: name } : undefined),
    // Everybody may look at every board; the only way to change one is a command.
    authorize: (question) => {
      if (question.action === 'send') return true
      if (question.action !== 'subscribe') return false
      return boardOf(question.channel) !== undefined || isBell(question.channel)
    },
    operations: boards.operations,
    // Often, so that there is a curve to look at.
    heartbeat: { intervalMs: 5_000, timeoutMs: 5_000 },
    logger: (level, event, facts) => {
      if (level !== 'info') console.error(level, event, facts)
    },
  })
  const open = await listen(server, host, port)
  console.log(`The board is at http://${host === '127.0.0.1' ? 'localhost' : host}:${open}/`)

  await told()
  server.close()
  await gateway.drain({ within: 50, spread: 400 })
  await gateway.close()
  boards.close()
  server.closeAllConnections()
  await log.close()
}

/** A second signal ends the process the usual way. */
function told(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
  })
}

function flagsOrExit(): Flags {
  try {
    return readFlags(process.argv.slice(2))
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`)
    process.exit(2)
  }
}

serve(flagsOrExit()).catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})

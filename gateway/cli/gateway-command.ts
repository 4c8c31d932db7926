/**
 * Owns the process that runs a gateway: an HTTP server with a health check and the numbers, the
 * gateway on its path, and an orderly end on SIGTERM or SIGINT (P11).
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { createGateway, type Gateway } from '../create-gateway.js'
import { openSqliteLog } from '../log/sqlite-log.js'
import type { Authenticate } from '../operations/operations.js'
import { type GatewayFlags, readGatewayFlags } from './flags.js'

export async function gatewayCommand(args: readonly string[]): Promise<void> {
  const flags = readGatewayFlags(args)
  const log = await openSqliteLog({ file: flags.file, retain: flags.retain })
  const server = createServer((request, response) => answer(gateway, request, response))
  const gateway = createGateway({
    server,
    log,
    path: flags.path,
    origins: flags.origins,
    heartbeat: flags.heartbeat,
    ...(flags.tokens && { authenticate: onlyWith(flags.tokens) }),
    logger: (level, event, facts) => {
      if (level !== 'info') process.stderr.write(`${level} ${event} ${inJson(facts)}\n`)
    },
  })
  server.listen(flags.port, flags.host)
  await once(server, 'listening')
  announce(flags, (server.address() as AddressInfo).port)

  await told()
  server.close()
  await gateway.drain(flags.drain)
  await gateway.close()
  server.closeAllConnections()
  await log.close()
}

/** The token itself is the identity: enough to try things out. */
const onlyWith =
  (tokens: readonly string[]): Authenticate =>
  (token) =>
    token !== undefined && tokens.includes(token) ? { identity: token } : undefined

function announce({ host, path, isJson }: GatewayFlags, port: number): void {
  const url = `ws://${host.includes(':') ? `[${host}]` : host}:${port}${path}`
  process.stdout.write(
    `${isJson ? JSON.stringify({ url, port }) : `partyline listens on ${url}`}\n`,
  )
}

/** A second signal ends the process the usual way. */
function told(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
  })
}

function answer(gateway: Gateway, request: IncomingMessage, response: ServerResponse): void {
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (isRead && request.url === '/healthz') response.end('ok')
  else if (isRead && request.url === '/status') {
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify(gateway.stats()))
  } else {
    response.statusCode = 404
    response.end('not found')
  }
}

const inJson = (facts: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(facts, (_, value: unknown) => (value instanceof Error ? value.message : value))

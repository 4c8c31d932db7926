/**
 * Owns finding a port: the one that was asked for or none, the usual one or the next free.
 */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

const USUAL = 5173
const TRIES = 20

export async function listen(
  server: Server,
  host: string,
  port: number | undefined,
): Promise<number> {
  const first = port ?? USUAL
  const last = port === undefined ? USUAL + TRIES : first
  for (let candidate = first; ; candidate++) {
    try {
      return await tryPort(server, host, candidate)
    } catch (error) {
      if (candidate >= last || !isTaken(error)) throw error
    }
  }
}

function tryPort(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

const isTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'

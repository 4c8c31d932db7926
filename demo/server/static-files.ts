/**
 * Owns the serving of the built app: files of one folder, the shell for every address of a board, the
 * headers that make caches and the browser's own defences work. It knows no board.
 */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import path from 'node:path'
import { pipeline } from 'node:stream'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.map': 'application/json',
}

/** A SharedWorker's connections obey the policy of its own script, so every answer carries it. */
const POLICY = [
  "default-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

export type Serve = (request: IncomingMessage, response: ServerResponse) => Promise<void>

export function createStaticFiles(folder: string): Serve {
  return async (request, response) => {
    const file = await fileFor(folder, request.url ?? '/')
    if (!file) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not found')
      return
    }
    const { size, mtimeMs } = file
    const etag = `"${size.toString(36)}-${Math.trunc(mtimeMs).toString(36)}"`
    response.setHeader('etag', etag)
    response.setHeader('content-security-policy', POLICY)
    response.setHeader('x-content-type-options', 'nosniff')
    // What has a hash in its name never changes; the rest is asked for each time.
    response.setHeader(
      'cache-control',
      file.path.includes(`${path.sep}assets${path.sep}`)
        ? 'public, max-age=31536000, immutable'
        : 'no-cache',
    )
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304).end()
      return
    }
    response.setHeader('content-type', TYPES[path.extname(file.path)] ?? 'application/octet-stream')
    response.setHeader('content-length', size)
    if (request.method === 'HEAD') response.end()
    else pipeline(createReadStream(file.path), response, () => undefined)
  }
}

interface Found {
  readonly path: string
  readonly size: number
  readonly mtimeMs: number
}

async function fileFor(folder: string, url: string): Promise<Found | undefined> {
  const asked = pathOf(url)
  if (asked === undefined) return undefined
  const isPage = asked === '/' || asked.startsWith('/board/')
  const full = path.join(folder, isPage ? 'index.html' : asked)
  if (!full.startsWith(folder + path.sep)) return undefined
  try {
    const found = await stat(full)
    return found.isFile() ? { path: full, size: found.size, mtimeMs: found.mtimeMs } : undefined
  } catch {
    return undefined
  }
}

function pathOf(url: string): string | undefined {
  try {
    return decodeURIComponent(new URL(url, 'http://localhost').pathname)
  } catch {
    return undefined
  }
}

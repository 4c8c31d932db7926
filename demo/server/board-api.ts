/**
 * Owns `GET /api/board/<id>`: the whole board with its position, for a page that has neither cache
 * nor an unbroken line behind it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { snapshotPath } from '../shared/snapshot.js'
import type { Boards } from './boards.js'

const PREFIX = snapshotPath('')

/** False: the request is somebody else's. */
export function answerBoard(
  boards: Pick<Boards, 'find'>,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const path = (request.url ?? '').split('?')[0] ?? ''
  if (!path.startsWith(PREFIX)) return false
  const board = boards.find(path.slice(PREFIX.length))
  if (!board) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('no such board')
    return true
  }
  board.snapshot().then(
    (snapshot) => {
      response.writeHead(200, {
        'content-type': 'application/json',
        'cache-control': 'no-store',
      })
      response.end(JSON.stringify(snapshot))
    },
    (error: unknown) => {
      console.error(error)
      response.writeHead(500, { 'content-type': 'text/plain' }).end('the board cannot be read')
    },
  )
  return true
}

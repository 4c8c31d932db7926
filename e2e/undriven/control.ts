/**
 * Owns the way to pages without a driver: a control page that opens them, and a WebSocket to each.
 * The control page is of another site than they are (localhost, not 127.0.0.1), so it keeps neither
 * their process nor their worker alive.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Command, Order, Report } from './commands.js'

export interface Control {
  /** The first page of a browser. */
  readonly url: string
  /** Opens a page in the browser that has the control page, and resolves when the page listens. */
  open(url: string): Promise<RemotePage>
  close(): Promise<void>
}

export interface RemotePage {
  /** Part of its address, and of no other page's. */
  readonly name: string
  /** Rejects if the page answers with an error, or is gone before it has answered. */
  ask(command: Command): Promise<unknown>
  /** Tells the page to do what it will not survive; resolves when it is gone. */
  askToDie(command: Command): Promise<void>
}

const DEADLINE_MS = 15_000
const THE_CONTROL_PAGE = 'control'

const controlPage = (socket: string): string => `<!doctype html>
<title>Control</title>
<link rel="icon" href="data:,">
<script>
  new WebSocket('${socket}').onmessage = ({ data }) => open(data, '_blank', 'noopener')
</script>
`

export async function createControl(): Promise<Control> {
  const server = createServer((_, response) => {
    const headers = { 'content-type': 'text/html; charset=utf-8' }
    response.writeHead(200, headers).end(controlPage(addressOf(THE_CONTROL_PAGE)))
  })
  const sockets = new WebSocketServer({ server })
  const here = new Map<string, WebSocket>()
  const awaited = new Map<string, (socket: WebSocket) => void>()
  let opened = 0

  const port = (): number => (server.address() as AddressInfo).port
  const addressOf = (name: string): string => `ws://127.0.0.1:${port()}/${name}`

  sockets.on('connection', (socket, { url = '' }) => {
    const name = url.slice(1)
    here.set(name, socket)
    awaited.get(name)?.(socket)
    awaited.delete(name)
    socket.on('close', () => here.get(name) === socket && here.delete(name))
    socket.on('error', () => {})
  })

  function find(name: string): Promise<WebSocket> {
    const known = here.get(name)
    if (known) return Promise.resolve(known)
    return within(`page ${name} did not come`, (resolve) => awaited.set(name, resolve))
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    url: `http://localhost:${port()}/`,
    async open(url) {
      const name = `page-${++opened}`
      const address = new URL(url)
      address.searchParams.set('control', addressOf(name))
      const control = await find(THE_CONTROL_PAGE)
      control.send(address.href)
      return remotePage(name, await find(name))
    },
    async close() {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function remotePage(name: string, socket: WebSocket): RemotePage {
  let asked = 0

  function say(command: Command): number {
    const order: Order = { ...command, id: ++asked }
    socket.send(JSON.stringify(order))
    return order.id
  }

  function reportOn(id: number, use: (report: Report) => void): void {
    socket.on('message', function listen(text) {
      const report = JSON.parse(text.toString()) as Report
      if (report.id !== id) return
      socket.off('message', listen)
      use(report)
    })
  }

  return {
    name,
    ask: (command) =>
      within(`no answer to ${command.do}`, (resolve, reject) => {
        const gone = (): void => reject(new Error(`the page is gone: ${command.do}`))
        socket.once('close', gone)
        reportOn(say(command), ({ answer, error }) => {
          socket.off('close', gone)
          if (error === undefined) resolve(answer)
          else reject(new Error(error))
        })
      }),
    askToDie: (command) =>
      within(`the page lives on after ${command.do}`, (resolve, reject) => {
        socket.once('close', () => resolve())
        reportOn(say(command), ({ error }) => error !== undefined && reject(new Error(error)))
      }),
  }
}

function within<T>(
  what: string,
  begin: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(what)), DEADLINE_MS)
    const settle =
      <V>(use: (value: V) => void) =>
      (value: V): void => {
        clearTimeout(timer)
        use(value)
      }
    begin(settle(resolve), settle(reject))
  })
}

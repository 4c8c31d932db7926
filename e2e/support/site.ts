/**
 * Owns the origin under test: a static server with one empty page, the built page client beside the
 * built worker, and whatever else a spec asks it to serve.
 */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { transformWithOxc } from 'vite'

export interface Site {
  readonly origin: string
  /** Serves a script of the spec's own. */
  serve(path: string, script: string): void
  /** Answers as the spec says, by what the browser wants it for: "document", "sharedworker", "worker". */
  answer(path: string, reply: (destination: string) => Reply | Promise<Reply>): void
  /** Every address that somebody asked for, oldest first. */
  readonly asked: readonly string[]
  /** What is served under that path. */
  file(path: string): Reply
  close(): Promise<void>
}

export interface Reply {
  readonly status?: number
  readonly type: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

const NOT_HERE: Reply = { status: 404, type: 'text/plain', body: 'not here' }

/** The page under test, with the page client that is served under that path. */
export const pageWith = (pageClient: string): string => `<!doctype html>
<title>A tab</title>
<link rel="icon" href="data:,">
<script>eval(new URL(location).searchParams.get('lacking'))</script>
<script type="importmap">{ "imports": { "partyline": "${pageClient}" } }</script>
<script type="module" src="/tab.js"></script>
`

const BUILT = ['page-client.js', 'worker.js', 'service-worker.js'].flatMap((name) => [
  name,
  `${name}.map`,
])

const PAGE_SCRIPTS = ['tab', 'arrivals', 'consuming', 'living-workers', 'signing-in', 'snapshots']

async function pageScript(name: string): Promise<string> {
  const source = await readFile(`e2e/page/${name}.ts`, 'utf8')
  return (await transformWithOxc(source, `${name}.ts`)).code
}

export async function createSite(): Promise<Site> {
  const asked: string[] = []
  const answers = new Map<string, (destination: string) => Reply | Promise<Reply>>()
  const served = new Map<string, Reply>([
    ['/', { type: 'text/html', body: pageWith('/page-client.js') }],
  ])
  for (const name of PAGE_SCRIPTS) {
    served.set(`/${name}.js`, { type: 'text/javascript', body: await pageScript(name) })
  }
  for (const file of BUILT) {
    served.set(`/${file}`, {
      type: 'text/javascript',
      body: await readFile(`dist/${file}`, 'utf8'),
    })
  }

  const server = createServer(async (request, response) => {
    const { url = '/' } = request
    asked.push(url)
    const path = new URL(url, 'http://site').pathname
    const reply = answers.get(path)
    const destination = String(request.headers['sec-fetch-dest'])
    const file = reply ? await reply(destination) : served.get(path)
    const { status = 200, type, body, headers } = file ?? NOT_HERE
    response.writeHead(status, { 'content-type': `${type}; charset=utf-8`, ...headers }).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve: (path, body) => void served.set(path, { type: 'text/javascript', body }),
    answer: (path, reply) => void answers.set(path, reply),
    asked,
    file: (path) => served.get(path) ?? NOT_HERE,
    async close() {
      if (!server.listening) return
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

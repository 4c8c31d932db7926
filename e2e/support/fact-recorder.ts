/**
 * Owns the recorder of a session: it takes facts from pages, in the order in which they come. It is not on the path that the
 * session cuts. Whoever reports stands still until it is answered, so a fact is never behind.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FactRecorder {
  readonly address: string
  close(): Promise<void>
}

export interface FactRecorderOptions<Fact> {
  onFact(fact: Fact): void
  /** Answers what is no fact: `/what/which`. */
  answer?(what: string, which: string): Promise<string | undefined>
}

export async function createFactRecorder<Fact>(
  options: FactRecorderOptions<Fact>,
): Promise<FactRecorder> {
  async function answer(request: IncomingMessage): Promise<string> {
    const [, what = '', which = ''] = (request.url ?? '').split('/').map(decodeURIComponent)
    if (what !== 'fact') return (await options.answer?.(what, which)) ?? ''
    options.onFact(JSON.parse(await textOf(request)) as Fact)
    return ''
  }

  const server = createServer(async (request, response) => {
    // Whoever asks may be killed meanwhile, on purpose.
    response.on('error', () => {})
    const body = await answer(request).catch(() => undefined)
    const headers = { 'access-control-allow-origin': '*', 'content-type': 'text/plain' }
    response.writeHead(body === undefined ? 400 : 200, headers).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += chunk
  return text
}

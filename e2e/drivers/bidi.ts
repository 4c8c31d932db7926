/**
 * Owns a conversation in WebDriver BiDi: commands with their answers over one WebSocket. It knows no
 * browser. When the socket is gone, every command that waits has failed.
 */
import { once } from 'node:events'
import { WebSocket } from 'ws'

export interface Bidi {
  /** Resolves with what the answer says; rejects with the name and the words of its error. */
  call<Answer>(method: string, params?: object): Promise<Answer>
  close(): void
}

interface Answer {
  readonly id?: number
  readonly type: 'success' | 'error' | 'event'
  readonly result?: unknown
  readonly error?: string
  readonly message?: string
}

interface Waiting {
  resolve(result: unknown): void
  reject(error: Error): void
}

export async function createBidi(address: string): Promise<Bidi> {
  const socket = new WebSocket(address)
  const waiting = new Map<number, Waiting>()
  let calls = 0
  let isOver = false
  await once(socket, 'open')

  socket.on('message', (message) => {
    const answer = JSON.parse(String(message)) as Answer
    const caller = waiting.get(answer.id ?? -1)
    if (!caller || answer.id === undefined) return
    waiting.delete(answer.id)
    if (answer.type === 'success') caller.resolve(answer.result)
    else caller.reject(new Error(`${answer.error}: ${answer.message}`))
  })
  // Its close follows.
  socket.on('error', () => {})
  socket.on('close', () => {
    isOver = true
    for (const { reject } of waiting.values()) reject(new Error('the browser is gone'))
    waiting.clear()
  })

  return {
    call: <Result>(method: string, params = {}) =>
      new Promise<Result>((resolve, reject) => {
        if (isOver) return reject(new Error('the browser is gone'))
        const id = ++calls
        waiting.set(id, { resolve: (result) => resolve(result as Result), reject })
        socket.send(JSON.stringify({ id, method, params }))
      }),
    close: () => socket.close(),
  }
}

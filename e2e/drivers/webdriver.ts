/**
 * Owns a conversation in WebDriver: one session with one browser, over HTTP. It knows no browser.
 *
 * A session has one current window, so to do something to a window is two commands, and nobody may come
 * between. But what runs in one page for long must not hold up the others: once the server is sure to
 * have it, the next may speak.
 */
export interface WebDriver {
  /** To the session. */
  ask<Answer>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<Answer>
  /** To one of its windows. */
  askIn<Answer>(
    window: string,
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<Answer>
}

type Method = 'GET' | 'POST' | 'DELETE'

interface Told {
  readonly value: { readonly error?: string; readonly message?: string } | null
}

/** Whoever takes longer is no longer waited for before another speaks. */
const TURN_MS = 200

export async function createWebDriver(address: string, capabilities: object): Promise<WebDriver> {
  async function send<Answer>(method: Method, path: string, body: object = {}): Promise<Answer> {
    const response = await fetch(`${address}${path}`, {
      method,
      ...(method === 'POST' && { body: JSON.stringify(body) }),
    })
    const { value } = (await response.json()) as Told
    if (value?.error !== undefined) throw new Error(`${value.error}: ${value.message}`)
    return value as Answer
  }

  const { sessionId } = await send<{ sessionId: string }>('POST', '/session', {
    capabilities: { alwaysMatch: capabilities },
  })
  const session = `/session/${sessionId}`
  let turn: Promise<unknown> = Promise.resolve()

  return {
    ask: (method, path, body) => send(method, `${session}${path}`, body),
    askIn<Answer>(window: string, method: Method, path: string, body?: object) {
      const asking = turn.then(async () => {
        await send('POST', `${session}/window`, { handle: window })
        return { answer: send<Answer>(method, `${session}${path}`, body) }
      })
      turn = asking
        .then(async ({ answer }) => {
          const answered = await Promise.race([answer.then(() => true), passed(TURN_MS)])
          if (answered !== true) await send('GET', '/status')
        })
        .catch(() => {})
      return asking.then(({ answer }) => answer)
    },
  }
}

const passed = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

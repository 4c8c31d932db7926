/**
 * Owns what a browser does to tabs that it has no memory for, on demand: its own page chrome://discards
 * freezes and discards in earnest. The debugger is attached to that page alone; a tab with a debugger
 * is neither frozen nor discarded.
 */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { WebSocket } from 'ws'

export interface Discards {
  /** The tab whose address has this in it. */
  freeze(address: string): Promise<void>
  discard(address: string): Promise<void>
  /** As a person who clicks on the tab. */
  show(address: string): Promise<void>
  close(): void
}

interface Reply {
  readonly id: number
  readonly result: unknown
}

interface Target {
  readonly targetId: string
  readonly url: string
}

/** The row of a tab in the table, through every shadow root. */
const ROW = `const all = (node) => [...node.querySelectorAll('*')].flatMap((one) =>
  [one, ...(one.shadowRoot ? all(one.shadowRoot) : [])])
const row = all(document).find(({ localName, textContent }) =>
  localName === 'tr' && textContent.includes(address))`

export async function openDiscards(profile: string): Promise<Discards> {
  const read = (): Promise<string> => readFile(join(profile, 'DevToolsActivePort'), 'utf8')
  await expect.poll(() => read().catch(() => '')).not.toBe('')
  const [port, path] = (await read()).split('\n')
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`)
  await once(socket, 'open')
  let asked = 0

  function send(method: string, params: object = {}, sessionId?: string): Promise<unknown> {
    const id = ++asked
    return new Promise((resolve) => {
      socket.on('message', function listen(text) {
        const reply = JSON.parse(text.toString()) as Reply
        if (reply.id !== id) return
        socket.off('message', listen)
        resolve(reply.result)
      })
      socket.send(JSON.stringify({ id, method, params, sessionId }))
    })
  }

  const url = 'chrome://discards/'
  const { targetId } = (await send('Target.createTarget', { url })) as Target
  const attached = await send('Target.attachToTarget', { targetId, flatten: true })
  const { sessionId } = attached as { sessionId: string }

  async function inRow(address: string, expression: string): Promise<unknown> {
    const run = `(() => { const address = '${address}'; ${ROW}; return row && ${expression} })()`
    const params = { expression: run, returnByValue: true }
    const { result } = (await send('Runtime.evaluate', params, sessionId)) as {
      result: { value?: unknown }
    }
    return result.value
  }

  async function click(address: string, what: string, state: string): Promise<void> {
    const link = `[...row.querySelectorAll('[is=action-link]')].find(
      ({ textContent }) => textContent.includes('${what}'))`
    await expect.poll(() => inRow(address, `!!${link}`)).toBe(true)
    await inRow(address, `${link}.click()`)
    await expect.poll(() => inRow(address, 'row.textContent')).toContain(state)
  }

  return {
    freeze: (address) => click(address, '[Freeze]', 'frozen'),
    discard: (address) => click(address, '[Urgent Discard]', 'discarded'),
    async show(address) {
      const { targetInfos } = (await send('Target.getTargets')) as {
        targetInfos: readonly Target[]
      }
      const tab = targetInfos.find((target) => target.url.includes(address))
      if (!tab) throw new Error(`there is no tab ${address}`)
      await send('Target.activateTarget', { targetId: tab.targetId })
    },
    close: () => socket.terminate(),
  }
}

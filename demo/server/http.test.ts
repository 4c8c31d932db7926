import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readFlags } from './flags.js'
import { listen } from './listen.js'
import { createStaticFiles } from './static-files.js'

let folder: string
let server: Server
let origin: string

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'board-'))
  const app = path.join(folder, 'app')
  await mkdir(path.join(app, 'assets'), { recursive: true })
  await writeFile(path.join(folder, 'secret.txt'), 'secret')
  await writeFile(path.join(app, 'index.html'), '<title>shell</title>')
  await writeFile(path.join(app, 'assets/index-abc.js'), 'export {}')
  const files = createStaticFiles(app)
  server = createServer((request, response) => void files(request, response))
  origin = `http://127.0.0.1:${await listen(server, '127.0.0.1', 0)}`
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true })
})

describe('the static files', () => {
  it('answer every address of a board with the shell', async () => {
    for (const address of ['/', '/board/home', '/board/garden-party']) {
      const response = await fetch(origin + address)
      expect(await response.text()).toContain('shell')
      expect(response.headers.get('cache-control')).toBe('no-cache')
    }
  })

  it('let browsers keep what has a hash in its name, and send nothing twice', async () => {
    const response = await fetch(`${origin}/assets/index-abc.js`)
    expect(response.headers.get('content-type')).toContain('javascript')
    expect(response.headers.get('cache-control')).toContain('immutable')
    const etag = response.headers.get('etag') ?? ''
    const again = await fetch(`${origin}/assets/index-abc.js`, {
      headers: { 'if-none-match': etag },
    })
    expect(again.status).toBe(304)
  })

  it('show nothing outside their folder', async () => {
    for (const address of ['/..%2fsecret.txt', '/assets', '/nothing.js', '/%E0%A4%A', '/%00']) {
      expect((await fetch(origin + address)).status).toBe(404)
    }
  })

  it('carry the policy that the worker connects under', async () => {
    const response = await fetch(`${origin}/assets/index-abc.js`)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'")
  })
})

describe('listening', () => {
  it('does not take another port than the one that was asked for', async () => {
    const taken = Number(new URL(origin).port)
    await expect(listen(createServer(), '127.0.0.1', taken)).rejects.toThrow(/EADDRINUSE/)
  })
})

describe('the flags', () => {
  it('have defaults, and say what is wrong with a value', () => {
    expect(readFlags([])).toEqual({
      host: '127.0.0.1',
      port: undefined,
      file: '.cache/demo/boards.db',
    })
    expect(readFlags(['--port', '0', '--memory'])).toMatchObject({ port: 0, file: ':memory:' })
    expect(() => readFlags(['--port', 'eighty'])).toThrow(/--port/)
    expect(() => readFlags(['--prot', '1'])).toThrow()
  })
})

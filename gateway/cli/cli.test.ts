import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundleForTest } from '../bundle-for-test.js'
import { helloFrame, openPeer } from '../peer.js'
import { copyCommand } from './copy-command.js'
import { readGatewayFlags, UsageError } from './flags.js'

let program: string
const folder = mkdtempSync(join(tmpdir(), 'partyline-cli-'))
beforeAll(async () => {
  program = await bundleForTest('./cli/main.ts', 'cli')
}, 30_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = (...args: string[]): ChildProcess =>
  spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })

async function firstLine(child: ChildProcess): Promise<string> {
  let out = ''
  for await (const chunk of child.stdout ?? []) {
    out += String(chunk)
    if (out.includes('\n')) break
  }
  return out.trim()
}

describe('partyline gateway', () => {
  test('says where it listens, answers its health, and drains on SIGTERM', async () => {
    const file = join(folder, 'a.db')
    const args = ['gateway', '--port', '0', '--file', file, '--json', '--token', 'good']
    const child = run(...args, '--drain-within', '10', '--drain-spread', '10')
    const { url } = JSON.parse(await firstLine(child)) as { url: string }
    const http = url.replace('ws:', 'http:').replace('/line', '')
    expect(await (await fetch(`${http}/healthz`)).text()).toBe('ok')
    expect((await fetch(`${http}/other`)).status).toBe(404)

    const stranger = await openPeer(url)
    stranger.say(helloFrame({ auth: 'bad' }))
    expect(await stranger.closed).toBe(4001)
    const friend = await openPeer(url)
    friend.say(helloFrame({ auth: 'good' }))
    await friend.next('welcome')
    expect(await (await fetch(`${http}/status`)).json()).toMatchObject({
      connections: 1,
      closes: { 4001: 1 },
    })

    const exit = once(child, 'exit')
    child.kill('SIGTERM')
    expect(await friend.next('drain')).toMatchObject({ in: 10, spread: 10 })
    expect(await friend.closed).toBe(4002)
    expect(await exit).toEqual([0, null])
  }, 20_000)

  test('a port that is taken is a failure, in one line', async () => {
    const child = run('gateway', '--port', '0', '--memory')
    const port = /:(\d+)\//.exec(await firstLine(child))?.[1] ?? ''
    const second = run('gateway', '--port', port, '--memory')
    const [words, [code]] = await Promise.all([text(second.stderr as never), once(second, 'exit')])
    expect([code, words]).toEqual([1, expect.stringMatching(/^partyline: .*EADDRINUSE.*\n$/)])
    child.kill('SIGKILL')
    await once(child, 'exit')
  }, 20_000)

  test.each([
    [['nonsense'], 'no command "nonsense"'],
    [[], 'what shall it do?'],
    [['gateway', '--port', 'x'], '--port: a whole number'],
    [['copy'], 'one directory'],
  ])(
    'a mistake on the command line ends with 2: %j',
    async (args, words) => {
      const child = run(...args)
      const [told, [code]] = await Promise.all([text(child.stderr as never), once(child, 'exit')])
      expect(code).toBe(2)
      expect(told).toContain(words)
    },
    20_000,
  )
})

describe('the flags', () => {
  test('have defaults', () => {
    expect(readGatewayFlags([])).toMatchObject({
      port: 8787,
      host: '127.0.0.1',
      path: '/line',
      file: 'partyline.db',
      isJson: false,
    })
    expect(readGatewayFlags(['--memory']).file).toBe(':memory:')
    expect(
      readGatewayFlags(['--origin', 'https://a.example/', '--origin', 'http://b:1']).origins,
    ).toEqual(['https://a.example', 'http://b:1'])
    expect(readGatewayFlags(['--origin', '*']).origins).toBe('*')
  })

  test.each([
    ['--port', '65536'],
    ['--port', '-1'],
    ['--port', '1.5'],
    ['--path', 'line'],
    ['--path', '/a?b'],
    ['--origin', 'nonsense'],
    ['--origin', 'file:///a'],
    ['--token', ''],
    ['--heartbeat-interval', '1'],
    ['--retain', '0'],
    ['--memory', '--file'],
    ['--memory', '--file=a'],
    ['--surprise'],
    ['word'],
  ])('are refused when they make no sense: %s %s', (...args) => {
    expect(() => readGatewayFlags(args.filter((arg) => arg !== undefined))).toThrow(UsageError)
  })
})

describe('partyline copy', () => {
  test('copies the worker, with its map if there is one', async () => {
    const dist = mkdtempSync(join(folder, 'dist-'))
    const target = join(folder, 'public', 'js')
    writeFileSync(join(dist, 'worker.js'), 'the worker')
    await copyCommand([target], dist)
    expect(readFileSync(join(target, 'worker.js'), 'utf8')).toBe('the worker')
    writeFileSync(join(dist, 'worker.js.map'), 'its map')
    await copyCommand([target], dist)
    expect(readFileSync(join(target, 'worker.js.map'), 'utf8')).toBe('its map')
  })

  test('says what it could not copy', async () => {
    await expect(copyCommand([folder], join(folder, 'nowhere'))).rejects.toThrow('cannot copy')
  })
})

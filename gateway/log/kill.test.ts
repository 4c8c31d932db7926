import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import type { EventId } from '../../protocol/ids.js'
import { bundleForTest } from '../bundle-for-test.js'
import { openSqliteLog } from './sqlite-log.js'

test('[P2] [P3] [G16] what was settled survives kill -9, once and in order', async () => {
  const program = await bundleForTest('./log/kill-program.ts', 'kill-program')
  const folder = mkdtempSync(join(tmpdir(), 'partyline-kill-'))
  const file = join(folder, 'log.db')
  const settled: number[] = []

  for (const victims of [137, 404, 1_000]) {
    const child = spawn(process.execPath, [program, file], { stdio: ['ignore', 'pipe', 'inherit'] })
    const lines = createInterface(child.stdout)
    lines.on('line', (line) => {
      settled.push(Number(line))
      if (settled.length >= victims) child.kill('SIGKILL')
    })
    await Promise.all([once(child, 'exit'), once(lines, 'close')])
    expect(child.signalCode).toBe('SIGKILL')

    const log = await openSqliteLog({ file, retain: 1_000_000 })
    const page = await log.read('board', { id: '' as EventId }, 1_000_000)
    const stored = page.state === 'events' ? page.events.map(([, payload]) => Number(payload)) : []
    expect(stored).toEqual(stored.map((_, index) => index + 1))
    expect(stored.length).toBeGreaterThanOrEqual(Math.max(...settled))
    expect(await log.lanes('killed', ['lane'])).toEqual([
      { lane: 'lane', epoch: 1, seq: stored.length },
    ])
    await log.close()
  }
  rmSync(folder, { recursive: true, force: true })
}, 30_000)

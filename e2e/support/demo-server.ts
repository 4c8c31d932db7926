/**
 * Owns the demo's server as a process: started on a port of its own, killed or stopped, started
 * again on the same port and the same file.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export interface DemoServer {
  readonly origin: string
  /** SIGKILL: no goodbye to anybody. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Hears nothing and says nothing, while its sockets stay open. */
  freeze(): void
  thaw(): void
  close(): Promise<void>
}

export async function createDemoServer(file: string): Promise<DemoServer> {
  let child: ChildProcess | undefined
  let origin = ''

  async function start(): Promise<void> {
    const port = origin ? new URL(origin).port : '0'
    const own = spawn(process.execPath, ['dist/demo/server.js', '--data', file, '--port', port], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    child = own
    const failed = once(own, 'exit').then(([code]) => {
      throw new Error(`The demo's server ended with ${code}. Is it built?`)
    })
    const said = once(createInterface(own.stdout), 'line')
    const [line] = (await Promise.race([said, failed])) as [string]
    failed.catch(() => undefined)
    origin = new URL(/http:\S+/.exec(line)?.[0] ?? '').origin
  }

  async function kill(): Promise<void> {
    const own = child
    child = undefined
    if (!own || own.exitCode !== null || own.signalCode !== null) return
    const exited = once(own, 'exit')
    own.kill('SIGKILL')
    await exited
  }

  await start()
  return {
    get origin() {
      return origin
    },
    kill,
    start,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    close: kill,
  }
}

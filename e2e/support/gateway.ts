/**
 * Owns one actor, the gateway: a real process of its own that runs the built gateway on a file, can
 * be killed with -9 and started again on that file, at the same address.
 *
 * It speaks with gateway-program.js over the channel that Node gives a forked child.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import type { Heartbeat, Limits } from '../../gateway/limits.js'
import type {
  Answer,
  Ask,
  GatewayEvent,
  GatewayMemory,
  GatewayStats,
  Place,
  Question,
  Ready,
  Sighting,
  Whole,
} from './gateway-questions.js'

export interface Gateway {
  readonly port: number
  stats(): Promise<GatewayStats>
  /** How many connections were let in and open at a time, at most, since the process started. */
  most(): Promise<number>
  /** When this process has welcomed a client for the last time; 0: never. */
  welcomedAt(): Promise<number>
  /** What is left after a collection. */
  memory(): Promise<GatewayMemory>
  /** Appends an event and resolves with its id when it is durable. */
  publish(channel: string, payload: unknown): Promise<string>
  /** What the log has, oldest first. */
  read(channel: string): Promise<readonly GatewayEvent[]>
  /** Where the channel stands, in which of its histories. */
  position(channel: string): Promise<Place>
  /** A snapshot, as its request of this name gives it. */
  whole(channel: string): Promise<Whole>
  /** Drops all but the newest `keep` events. Resolves with what there was before, oldest first. */
  trim(channel: string, keep: number): Promise<readonly GatewayEvent[]>
  /** From now on only these tokens are let in, or a cookie `session` of that value; undefined: everybody. */
  accept(tokens: readonly string[] | undefined): Promise<void>
  /** How many milliseconds each of these tokens lives, from when it is shown; others live for ever. */
  endTokens(lives: Readonly<Record<string, number>>): Promise<void>
  /** Who has asked to be let in, and with what, oldest first. */
  sightings(): Promise<readonly Sighting[]>
  /** What this process has logged, as JSON. */
  said(): Promise<readonly string[]>
  /** From now on nobody is let into these channels; who is in them already stays. */
  deny(channels: readonly string[]): Promise<void>
  /** The same address, and a log that never was: what it had is gone, ids and all. */
  empty(): Promise<void>
  /** kill -9. */
  kill(): Promise<void>
  /** SIGSTOP: it stands still, with every socket open; whatever it is asked meanwhile waits. */
  freeze(): void
  /** SIGCONT. */
  thaw(): void
  /** SIGTERM: it drains and ends. Resolves with its exit code. */
  stop(): Promise<number | null>
  /** The same file, the same address, a new process. */
  start(): Promise<void>
  close(): Promise<void>
}

const PROGRAM = 'e2e/support/gateway-program.js'

export interface GatewayOptions {
  readonly limits?: Partial<Limits> | undefined
  readonly heartbeat?: Partial<Heartbeat> | undefined
}

export async function createGateway(file: string, options: GatewayOptions = {}): Promise<Gateway> {
  let child: ChildProcess | undefined
  let port = 0
  let asked = 0
  let accepted: readonly string[] | undefined
  let denied: readonly string[] = []
  const answers = new Map<number, (answer: Omit<Answer, 'id'>) => void>()

  async function start(): Promise<void> {
    if (child) return
    const tokens = accepted ? JSON.stringify(accepted) : ''
    const own = fork(PROGRAM, [file, String(port), tokens, JSON.stringify(options)])
    child = own
    const ready = new Promise<Ready>((resolve, reject) => {
      own.once('message', (message) => resolve(message as Ready))
      own.once('exit', (code) => reject(new Error(`the gateway ended with ${code}`)))
    })
    port = (await ready).port
    own.on('message', (message) => {
      const answer = message as Answer
      answers.get(answer.id)?.(answer)
      answers.delete(answer.id)
    })
    own.once('exit', () => {
      for (const answer of answers.values()) answer({ error: 'the gateway died' })
      answers.clear()
    })
    if (denied.length) await ask({ ask: 'deny', channels: denied })
  }

  function ask<Result>(question: Ask): Promise<Result> {
    const own = child
    if (!own) throw new Error('the gateway does not run')
    const id = ++asked
    return new Promise<Result>((resolve, reject) => {
      answers.set(id, ({ result, error }) =>
        error === undefined ? resolve(result as Result) : reject(new Error(error)),
      )
      const message: Question = { ...question, id }
      own.send(message)
    })
  }

  async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const own = child
    child = undefined
    if (!own || own.exitCode !== null || own.signalCode !== null) return own?.exitCode ?? null
    const exited = once(own, 'exit') as Promise<[number | null]>
    own.kill(signal)
    const [code] = await exited
    return code
  }

  await start()
  return {
    get port() {
      return port
    },
    stats: () => ask({ ask: 'stats' }),
    most: () => ask({ ask: 'most' }),
    welcomedAt: () => ask({ ask: 'welcomedAt' }),
    memory: () => ask({ ask: 'memory' }),
    publish: (channel, payload) => ask({ ask: 'publish', channel, payload }),
    read: (channel) => ask({ ask: 'read', channel }),
    position: (channel) => ask({ ask: 'position', channel }),
    whole: (channel) => ask({ ask: 'whole', channel }),
    trim: (channel, keep) => ask({ ask: 'trim', channel, keep }),
    async accept(tokens) {
      accepted = tokens
      if (child) await ask({ ask: 'accept', tokens })
    },
    endTokens: (lives) => ask({ ask: 'end-tokens', lives }),
    sightings: () => ask({ ask: 'sightings' }),
    said: () => ask({ ask: 'said' }),
    async deny(channels) {
      denied = channels
      if (child) await ask({ ask: 'deny', channels })
    },
    async empty() {
      await end('SIGKILL')
      for (const part of ['', '-wal', '-shm']) await rm(`${file}${part}`, { force: true })
      await start()
    },
    async kill() {
      await end('SIGKILL')
    },
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    stop: () => end('SIGTERM'),
    start,
    async close() {
      await end('SIGKILL')
    },
  }
}

/**
 * Owns the reading of the command line: from words to options that are checked, or to one sentence
 * that says what is wrong. It starts nothing.
 */
import { parseArgs } from 'node:util'

/** The user's mistake; the message is for them. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export interface GatewayFlags {
  readonly port: number
  readonly host: string
  readonly path: string
  /** A file, or `:memory:`. */
  readonly file: string
  /** Undefined: pages of the same host. */
  readonly origins: '*' | readonly string[] | undefined
  /** Undefined: no token is asked for. */
  readonly tokens: readonly string[] | undefined
  readonly heartbeat: { readonly intervalMs?: number; readonly timeoutMs?: number }
  readonly retain: number | undefined
  readonly drain: { readonly within?: number; readonly spread?: number }
  readonly isJson: boolean
}

const OPTIONS = {
  port: { type: 'string' },
  host: { type: 'string' },
  path: { type: 'string' },
  file: { type: 'string' },
  memory: { type: 'boolean' },
  origin: { type: 'string', multiple: true },
  token: { type: 'string', multiple: true },
  'heartbeat-interval': { type: 'string' },
  'heartbeat-timeout': { type: 'string' },
  retain: { type: 'string' },
  'drain-within': { type: 'string' },
  'drain-spread': { type: 'string' },
  json: { type: 'boolean' },
} as const

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function whole(
  name: string,
  text: string | undefined,
  min: number,
  max: number,
): number | undefined {
  if (text === undefined) return undefined
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (value >= min && value <= max) return value
  throw new UsageError(`--${name}: a whole number from ${min} to ${max}, not "${text}"`)
}

/** With exactOptionalPropertyTypes, what was not given is not there. */
function given<Name extends string>(
  name: Name,
  value: number | undefined,
): Partial<Record<Name, number>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, number>)
}

const DAY_MS = 86_400_000

export function readGatewayFlags(args: readonly string[]): GatewayFlags {
  const flags = parse(args)
  const { path = '/line', file, memory = false, host = '127.0.0.1', origin, token } = flags
  if (!path.startsWith('/') || /[?#\s]/.test(path)) {
    throw new UsageError(`--path: begins with "/" and has no query, not "${path}"`)
  }
  if (memory && file !== undefined) throw new UsageError('--memory and --file exclude each other')
  if (file === '') throw new UsageError('--file: a path')
  if (token?.includes('')) throw new UsageError('--token: not empty')
  return {
    port: whole('port', flags.port, 0, 65_535) ?? 8787,
    host,
    path,
    file: memory ? ':memory:' : (file ?? 'partyline.db'),
    origins: origin?.includes('*') ? '*' : origin?.map(readOrigin),
    tokens: token,
    heartbeat: {
      ...given('intervalMs', whole('heartbeat-interval', flags['heartbeat-interval'], 50, DAY_MS)),
      ...given('timeoutMs', whole('heartbeat-timeout', flags['heartbeat-timeout'], 50, DAY_MS)),
    },
    retain: whole('retain', flags.retain, 1, Number.MAX_SAFE_INTEGER),
    drain: {
      ...given('within', whole('drain-within', flags['drain-within'], 0, DAY_MS)),
      ...given('spread', whole('drain-spread', flags['drain-spread'], 0, DAY_MS)),
    },
    isJson: flags.json ?? false,
  }
}

function readOrigin(text: string): string {
  try {
    const { origin } = new URL(text)
    if (origin !== 'null') return origin
  } catch {
    // Told below.
  }
  throw new UsageError(`--origin: like https://example.com, or "*", not "${text}"`)
}

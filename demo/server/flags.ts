/**
 * Owns the command line of the demo's server.
 */
import { parseArgs } from 'node:util'

export interface Flags {
  readonly host: string
  /** 0: any free port. Undefined: the usual one, or the next that is free. */
  readonly port: number | undefined
  /** A file's path, or `:memory:`. */
  readonly file: string
}

export const USAGE = `Usage: node dist/demo/server.js [options]

  --port <number>   where to listen; 0 takes any free port (default: 5173, or the next free one)
  --host <name>     which interface (default: 127.0.0.1)
  --data <file>     where the boards are kept (default: .cache/demo/boards.db)
  --memory          keep the boards in memory: gone when the server stops
`

export function readFlags(args: readonly string[]): Flags {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      data: { type: 'string', default: '.cache/demo/boards.db' },
      memory: { type: 'boolean', default: false },
    },
  })
  return {
    host: values.host,
    port: values.port === undefined ? undefined : portOf(values.port),
    file: values.memory ? ':memory:' : values.data,
  }
}

function portOf(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new TypeError(`--port: a number from 0 to 65535, not ${text}`)
}

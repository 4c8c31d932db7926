#!/usr/bin/env node
/**
 * Owns the command `partyline`: which words run what, and how it ends: 0, 1 for a failure, 2 for a
 * mistake on the command line.
 */
import process from 'node:process'
import { copyCommand } from './copy-command.js'
import { UsageError } from './flags.js'
import { gatewayCommand } from './gateway-command.js'
import { USAGE } from './usage.js'

async function run([command, ...args]: readonly string[]): Promise<void> {
  switch (command) {
    case 'gateway':
      return gatewayCommand(args)
    case 'copy':
      return copyCommand(args)
    case 'help':
    case '--help':
    case '-h':
      process.stdout.write(USAGE)
      return
    case undefined:
      throw new UsageError('what shall it do?')
    default:
      throw new UsageError(`there is no command "${command}"`)
  }
}

try {
  const args = process.argv.slice(2)
  await run(args.includes('--help') ? ['help'] : args)
} catch (error) {
  const isMistake = error instanceof UsageError
  process.stderr.write(`partyline: ${error instanceof Error ? error.message : String(error)}\n`)
  if (isMistake) process.stderr.write('Try: partyline help\n')
  process.exitCode = isMistake ? 2 : 1
}

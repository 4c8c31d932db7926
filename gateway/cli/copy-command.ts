/** Owns `partyline copy`: the prebuilt worker goes to where the app serves files from. */
import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { UsageError } from './flags.js'

const FILE = 'worker.js'

/** `dist`: where the built files are; undefined = in this package. */
export async function copyCommand(args: readonly string[], dist?: string): Promise<void> {
  const [target, ...more] = args
  if (target === undefined || target.startsWith('-') || more.length) {
    throw new UsageError('partyline copy takes one directory')
  }
  const from = dist ?? join(await packageRoot(dirname(fileURLToPath(import.meta.url))), 'dist')
  await mkdir(target, { recursive: true })
  await copy(join(from, FILE), join(target, FILE))
  // The map is for whoever debugs; a package without it works as well.
  await copyFile(join(from, `${FILE}.map`), join(target, `${FILE}.map`)).catch(() => undefined)
  process.stdout.write(`${join(target, FILE)}\n`)
}

async function copy(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to)
  } catch (cause) {
    throw new UsageError(`cannot copy ${from} to ${to}`, { cause })
  }
}

/** The nearest directory upwards whose package.json is ours. */
async function packageRoot(from: string): Promise<string> {
  const manifest = await readFile(join(from, 'package.json'), 'utf8').catch(() => '{}')
  if ((JSON.parse(manifest) as { name?: string }).name === 'partyline') return from
  const parent = dirname(from)
  if (parent === from) throw new Error('The package partyline is not whole: no package.json of it.')
  return packageRoot(parent)
}

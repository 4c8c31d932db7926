/**
 * Owns this line's items in localStorage, the one thing that a page can still write while it closes
 * (P2): each an operation that no broker has said to be on disk. Who puts one there and who hands it
 * over is not known here; whoever sees it stored or ended removes it, also if another page wrote it.
 *
 * Pages of one line share it without any lock. That is safe because an item says the same whoever
 * reads it, and the broker knows an operation by its key: to read one too often costs a message.
 * What cannot be read is ignored and left, as it may come from a newer version of this file.
 */
import type { ErrorInfo } from '../protocol/errors.js'
import type { Key } from '../protocol/ids.js'
import { LIFEBOAT } from '../protocol/lifeboat.js'
import type { NewOperation } from '../protocol/port.js'
import { pageError } from '../protocol/sentences.js'
import type { PageEnvironment } from './environment.js'
import { guarded } from './guarded.js'
import { check } from './options.js'

export interface Lifeboat {
  /** Whether it is aboard when this returns. `isUrgent`: the app is told if it is not. */
  put(operation: NewOperation, isUrgent: boolean): boolean
  remove(key: Key): void
  /** Whether it is still there: who takes it out knows it to be stored, or over. */
  has(key: Key): boolean
  /** Everything that is aboard, in the order in which it was sent, each with the ttl that is left. */
  aboard(): readonly NewOperation[]
  /** Throws away what is aboard, whoever put it there. */
  empty(): void
  /** Whether this is the name of an item of this line. */
  isItem(name: string): boolean
}

export interface LifeboatOptions {
  readonly environment: Pick<PageEnvironment, 'boat' | 'wall'>
  readonly lineName: string
  /** The identity was signed out, and nothing of it may be kept. */
  isGivenUp(): boolean
  onError(error: ErrorInfo, cause: unknown): void
}

interface Item {
  readonly operation: NewOperation
  /** Wall-clock milliseconds. */
  readonly at: number
  /** Orders what one page wrote in one millisecond. */
  readonly n: number
}

const ITEM = { operation: 'object', at: 'number', n: 'number' }
const OPERATION = {
  key: 'string',
  lane: 'string',
  type: 'string',
  channel: 'string?',
  payload: 'string?',
  priority: 'number?',
  ttl: 'number?',
  maxAttempts: 'number?',
}

export function createLifeboat(options: LifeboatOptions): Lifeboat {
  const { lineName, onError } = options
  const { boat, wall } = options.environment
  const prefix = `${lineName}:boat:`
  /** What this page knows to be aboard, with its size: its own, and what it has read. */
  const held = new Map<Key, number>()
  let isMeasured = false
  let operations = 0
  let characters = 0
  let at = 0
  let n = 0

  /** Reading is also measuring: other pages come and go. */
  function read(): Item[] {
    const items: Item[] = []
    isMeasured = true
    operations = 0
    characters = 0
    for (const name of names()) {
      const text = boat?.getItem(name) ?? ''
      operations += 1
      characters += text.length
      const item = parse(text)
      if (!item || name !== prefix + item.operation.key) continue
      held.set(item.operation.key, text.length)
      // What this page writes comes after it, whatever the clock says.
      at = Math.max(at, item.at)
      n = Math.max(n, item.n)
      items.push(item)
    }
    return items.sort((a, b) => a.at - b.at || a.n - b.n)
  }

  function names(): string[] {
    const all = Array.from({ length: boat?.length ?? 0 }, (_, i) => boat?.key(i) ?? '')
    return all.filter((name) => name.startsWith(prefix))
  }

  function write(operation: NewOperation): void {
    if (!boat) throw new Error('there is no localStorage')
    if (!isMeasured) read()
    at = Math.max(at, wall())
    n += 1
    const text = JSON.stringify({ operation, at, n } satisfies Item)
    if (operations >= LIFEBOAT.operations || characters + text.length > LIFEBOAT.characters) {
      throw new RangeError('too much waits already')
    }
    boat.setItem(prefix + operation.key, text)
    held.set(operation.key, text.length)
    operations += 1
    characters += text.length
  }

  const quietly = (run: () => void): void => guarded(run, () => {})

  return {
    put(operation, isUrgent) {
      const { key } = operation
      if (options.isGivenUp()) return false
      guarded(
        () => write(operation),
        (cause) => {
          const reason = (cause as Error).message
          if (isUrgent) onError(pageError('no-lifeboat', { key, reason }), cause)
        },
      )
      return held.has(key)
    },
    remove(key) {
      const size = held.get(key)
      if (size === undefined) return
      held.delete(key)
      operations -= 1
      characters -= size
      quietly(() => boat?.removeItem(prefix + key))
    },
    has(key) {
      let item: string | null | undefined
      quietly(() => {
        item = boat?.getItem(prefix + key)
      })
      return typeof item === 'string'
    },
    aboard() {
      let items: Item[] = []
      quietly(() => {
        items = read()
      })
      return items.map(({ operation, at: since }) => {
        if (operation.ttl === undefined) return operation
        const elapsed = Math.max(0, wall() - since)
        return { ...operation, ttl: Math.max(0, operation.ttl - elapsed) }
      })
    },
    empty() {
      held.clear()
      quietly(() => {
        for (const name of names()) boat?.removeItem(name)
      })
    },
    isItem: (name) => name.startsWith(prefix),
  }
}

function parse(text: string): Item | undefined {
  try {
    const item = JSON.parse(text)
    check(item, ITEM)
    check(item.operation, OPERATION)
    return item
  } catch {
    return undefined
  }
}

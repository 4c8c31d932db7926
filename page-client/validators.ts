/**
 * Owns the asking of the app's validators: which one there is for a name, and what its answer means.
 * One that never answers counts as a refusal, so nothing waits for it for ever (P12).
 */
import { PartylineError } from '../protocol/errors.js'
import { pageError } from '../protocol/sentences.js'
import type { PageEnvironment } from './environment.js'
import { isPromise } from './in-order.js'
import { refuse } from './options.js'
import type { Issue, Judgement, StandardSchema } from './standard-schema.js'

/** The value as the validator returns it, or a promise of it; throws or rejects if it refuses. */
export type Check = (value: unknown) => unknown

export interface CallChecks {
  readonly payload: Check
  readonly result: Check
}

export interface Validators {
  channel(name: string): Check
  call(kind: 'operations' | 'requests', type: string): CallChecks
}

/** As they come from the app, whatever its types said. */
export type AnySchemas = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>

const DEADLINE_MS = 10_000
/** What a validator says may cross a port and lie on a disk (P14). */
const ISSUES_MAX = 20
const TEXT_MAX = 300

export function createValidators(
  schemas: AnySchemas,
  { after }: Pick<PageEnvironment, 'after'>,
): Validators {
  function inTime(answer: Promise<Judgement<unknown>>, at: string): typeof answer {
    return new Promise((resolve, reject) => {
      const late = (): void => reject(invalid(at, [{ message: 'the validator does not answer' }]))
      const stop = after(DEADLINE_MS, late)
      answer.finally(stop).then(resolve, reject)
    })
  }

  function checkOf(schema: unknown, at: string): Check {
    if (schema === undefined) return (value) => value
    const { '~standard': standard } = schema as Partial<StandardSchema>
    if (!standard) refuse('schemas', `a Standard Schema (${at})`)
    const judge = (judgement: Judgement<unknown>): unknown => {
      if (judgement.issues) throw invalid(at, judgement.issues)
      return judgement.value
    }
    return (value) => {
      const answer = standard.validate(value)
      return isPromise(answer) ? inTime(answer, at).then(judge) : judge(answer)
    }
  }

  return {
    channel: (name) => checkOf(find(schemas.channels, name), `Payload of "${name}"`),
    call(kind, type) {
      const parts = (find(schemas[kind], type) ?? {}) as Partial<Record<string, unknown>>
      return {
        payload: checkOf(parts.payload, `Payload of "${type}"`),
        result: checkOf(parts.result, `Result of "${type}"`),
      }
    },
  }
}

function find(entries: Readonly<Record<string, unknown>> = {}, name: string): unknown {
  if (Object.hasOwn(entries, name)) return entries[name]
  const pattern = Object.keys(entries).find((key) => {
    const [head = '', tail] = key.split('*')
    if (tail === undefined || name.length < key.length - 1) return false
    return name.startsWith(head) && name.endsWith(tail)
  })
  return pattern && entries[pattern]
}

function invalid(at: string, issues: readonly Issue[]): PartylineError {
  const lines = issues.slice(0, ISSUES_MAX).map(({ message, path = [] }) => {
    const keys = path.map((step) => String(typeof step === 'object' ? step.key : step))
    return `${keys.join('.')}${keys.length ? ': ' : ''}${message}`.slice(0, TEXT_MAX)
  })
  return new PartylineError(pageError('invalid', { at, issues: lines }))
}

/**
 * Owns the worker's own way to a token, which needs no tab: a function of the app, or an address that is
 * fetched with the cookies of its origin. It does not know when a token is needed.
 */
import type { ErrorInfo } from '../../protocol/errors.js'
import type { LineAddress } from '../../protocol/line-name.js'
import { brokerError } from '../../protocol/sentences.js'
import type { TokenSource } from './token-question.js'

/**
 * An address is fetched by GET with cookies, and what it answers with 200 is the token; 204, 401 and 403
 * mean that there is none, anything else that nobody can say now. Cookies know one user: an address
 * that serves several identities of this origin should name the one that it is for.
 */
export type WorkerAuth =
  | string
  | URL
  | ((line: LineAddress) => string | undefined | Promise<string | undefined>)

/** Rejects where nothing answers that this origin may read. */
export type FetchText = (url: string) => Promise<{ readonly status: number; readonly text: string }>

export interface OwnTokenOptions {
  readonly auth: WorkerAuth
  /** Absent: nothing can be fetched here. */
  readonly fetchText: FetchText | undefined
  readonly line: LineAddress
  onError(error: ErrorInfo): void
}

const NONE: readonly number[] = [204, 401, 403]

export function ownToken({ auth, fetchText, line, onError }: OwnTokenOptions): TokenSource {
  async function find(): Promise<string | undefined> {
    if (typeof auth === 'function') return (await auth(line)) ?? undefined
    if (!fetchText) throw new Error('nothing can be fetched here')
    const { status, text } = await fetchText(`${auth}`)
    if (NONE.includes(status)) return undefined
    if (status !== 200) throw new Error(`status ${status}`)
    return text.trim() || undefined
  }
  return {
    token: () =>
      find().catch((cause) => {
        onError(brokerError('no-token', cause instanceof Error ? { why: cause.message } : {}))
        return null
      }),
  }
}

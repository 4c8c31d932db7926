/**
 * Owns this tab's answer to the question for a token: what the app's `auth` says, checked. Its failure is
 * told to the app, and to the broker as `null`: whoever could not say is asked again.
 */
import type { ErrorInfo } from '../protocol/errors.js'
import type { TokenReply } from '../protocol/port.js'
import { pageError } from '../protocol/sentences.js'
import { TOKEN_MAX } from '../protocol/wire/limits.js'
import type { Auth } from './api.js'

export const answersWith =
  (auth: Auth | undefined, report: (error: ErrorInfo, cause: unknown) => void) =>
  async (): Promise<TokenReply> => {
    try {
      const token = typeof auth === 'function' ? await auth() : undefined
      // `null` is what many an app has instead of a token.
      if (token == null) return undefined
      if (typeof token === 'string' && token.length <= TOKEN_MAX) return token
      throw new TypeError(`expected a string of up to ${TOKEN_MAX} characters`)
    } catch (cause) {
      report(pageError('no-token', {}), cause)
      return null
    }
  }

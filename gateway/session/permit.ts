/**
 * Owns the question to the app whether this connection may do something: asked with the newest token,
 * and behind every token that came before it.
 */

import { isStorable } from '../log/text.js'
import type { Authorize, Question } from '../operations/operations.js'
import { Refusal } from '../refusal.js'
import type { Authority } from './authority.js'

/** Undefined: they may. Rejects when the app fails or wants a fresher token. */
export type Permit = (wanted: Wanted) => Promise<Denial | undefined>

export interface Denial {
  readonly code: string
  readonly why?: string
}

type Unasked<Asked> = Asked extends unknown ? Omit<Asked, 'identity' | 'claims'> : never
type Wanted = Unasked<Question>

export function createPermit(authorize: Authorize, authority: Authority): Permit {
  return async (wanted) => {
    if (!isStorable(wanted.channel ?? '')) {
      return { code: 'bad-channel', why: 'no log can keep this name' }
    }
    // A token that came before this question is to be judged with it.
    while (authority.deciding) await authority.deciding
    const { identity, claims } = authority.caller
    try {
      return (await authorize({ ...wanted, identity, claims })) ? undefined : { code: 'denied' }
    } catch (error) {
      if (error instanceof Refusal) return denialOf(error)
      throw error
    }
  }
}

export const denialOf = ({ code, why }: Refusal): Denial =>
  why === undefined ? { code } : { code, why }

/** For people, where there is no place for a code. */
export function whyOf({ code, why }: Denial): { why?: string } {
  if (why !== undefined) return { why: `${code}: ${why}`.slice(0, 1024) }
  return code === 'denied' ? {} : { why: code }
}

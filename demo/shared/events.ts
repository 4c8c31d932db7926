/**
 * Owns what happened to a board: the past tense of each command, with who, when and by which
 * operation. These are the events of channel `board/<id>`.
 *
 * `happen` is used twice: by the server, once it has agreed, and by the page to foresee what the
 * server will say to an operation that still waits.
 */
import type { Command, Payload } from './commands.js'

interface Circumstances {
  /** The key of the operation that caused it. */
  readonly key: string
  readonly by: string
  /** Wall-clock milliseconds. */
  readonly at: number
}

export type BoardEvent = Circumstances &
  (
    | { readonly type: 'card.added'; readonly payload: Payload<'card.add'> }
    | { readonly type: 'card.moved'; readonly payload: Payload<'card.move'> }
    | { readonly type: 'card.edited'; readonly payload: Payload<'card.edit'> }
    | { readonly type: 'card.removed'; readonly payload: Payload<'card.remove'> }
  )

export function happen(command: Command, { key, by, at }: Circumstances): BoardEvent {
  switch (command.type) {
    case 'card.add':
      return { type: 'card.added', key, by, at, payload: command.payload }
    case 'card.move':
      return { type: 'card.moved', key, by, at, payload: command.payload }
    case 'card.edit':
      return { type: 'card.edited', key, by, at, payload: command.payload }
    case 'card.remove':
      return { type: 'card.removed', key, by, at, payload: command.payload }
  }
}

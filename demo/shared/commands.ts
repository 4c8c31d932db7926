/**
 * Owns what a person may ask of a board: one schema a command, the types inferred from them. A
 * command travels as a durable operation of lane `board/<id>`; its type is the operation's type.
 *
 * The server reads commands that arrived, the page reads those that wait in the outbox.
 */
import * as v from 'valibot'
import { COLOURS, COLUMNS } from './board.js'
import { RANK_PATTERN } from './rank.js'

export const TITLE_MAX = 140
export const NOTE_MAX = 2000
export const NAME_MAX = 40

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(64))
const title = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1, 'A card needs a title.'),
  v.maxLength(TITLE_MAX, 'That title is too long.'),
)
const note = v.pipe(v.string(), v.maxLength(NOTE_MAX, 'That note is too long.'))
const assignee = v.pipe(v.string(), v.trim(), v.maxLength(NAME_MAX, 'That name is too long.'))
const place = {
  column: v.picklist(COLUMNS),
  rank: v.pipe(v.string(), v.regex(RANK_PATTERN, 'That place does not exist.')),
}

const commands = {
  'card.add': v.object({
    card: id,
    title,
    note,
    colour: v.picklist(COLOURS),
    assignee,
    ...place,
  }),
  'card.move': v.object({ card: id, ...place }),
  /** Only what changed, so that two people can edit the same card in different places. */
  'card.edit': v.object({
    card: id,
    title: v.optional(title),
    note: v.optional(note),
    colour: v.optional(v.picklist(COLOURS)),
    assignee: v.optional(assignee),
  }),
  'card.remove': v.object({ card: id }),
} as const

export type CommandType = keyof typeof commands
export type Payload<Type extends CommandType> = v.InferOutput<(typeof commands)[Type]>
export type Command = {
  [Type in CommandType]: { readonly type: Type; readonly payload: Payload<Type> }
}[CommandType]

export const COMMAND_TYPES = Object.keys(commands) as readonly CommandType[]

export type Reading =
  | { readonly ok: true; readonly command: Command }
  | { readonly ok: false; readonly problem: string }

export function readCommand(type: string, payload: unknown): Reading {
  if (!isCommandType(type)) return { ok: false, problem: `There is no command ${type}.` }
  const parsed = v.safeParse(commands[type], payload)
  if (!parsed.success) return { ok: false, problem: parsed.issues[0].message }
  return { ok: true, command: { type, payload: parsed.output } as Command }
}

/** The lane of a board's operations is the channel of its events: one order for both. */
export const channelOf = (board: string): string => `board/${board}`

/** What a board may be called: it stands in the address. */
export const BOARD_PATTERN = /^[a-z0-9-]{1,40}$/

const isCommandType = (type: string): type is CommandType => Object.hasOwn(commands, type)

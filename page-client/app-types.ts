/**
 * Owns how an app's own interface becomes types of the line: which names there are, and what each
 * carries. Types alone; a line of no such interface takes every name and carries `unknown`.
 *
 * A name may hold one `*`, which stands for anything: `'board/*'` covers `board/7`. A name that is
 * there as it is comes before one with a `*`.
 */
import type { OutputOf, StandardSchema } from './standard-schema.js'

/**
 * What an app may say of itself in `connect<App>()`. A kind that is said is said in full: any other
 * name of that kind does not compile. A kind that is left out stays open.
 *
 * ```ts
 * interface App {
 *   channels: { 'board/*': BoardEvent; news: Headline }
 *   operations: { 'task.move': { payload: Move; result: Moved } }
 *   requests: { 'task.list': { payload: Filter; result: Task[] } }
 *   signals: { 'board/*': { typing: boolean } }
 *   presence: { 'board/*': { name: string } }
 * }
 * ```
 */
export interface AppTypes {
  /** Channel → payload of its events. */
  readonly channels?: object
  /** Type → `{ payload, result }`; what is left out is nothing, and `unknown`. */
  readonly operations?: object
  readonly requests?: object
  /** Channel → payload of its signals. */
  readonly signals?: object
  /** Channel → what its members show. */
  readonly presence?: object
}

type Kind = keyof AppTypes

export type Untyped = Record<never, never>

type PatternOf<Name> = Name extends `${infer Head}*${infer Tail}` ? `${Head}${string}${Tail}` : Name

type Covered<Entries, Name> = Name extends keyof Entries
  ? Entries[Name]
  : { [Key in keyof Entries]: Name extends PatternOf<Key> ? Entries[Key] : never }[keyof Entries]

/** The names of a kind that this app has. */
export type NameIn<App, Of extends Kind> = Of extends keyof App
  ? PatternOf<Extract<keyof App[Of], string>>
  : never

/** Any name, if this app does not say which there are. */
export type FreeName<App, Of extends Kind> = Of extends keyof App ? never : string

/** What a name of a kind carries. */
export type EntryOf<App, Of extends Kind, Name> = Of extends keyof App
  ? Covered<App[Of], Name>
  : unknown

type PayloadIn<Entry> = 'payload' extends keyof Entry ? Entry['payload'] : undefined
type ResultIn<Entry> = 'result' extends keyof Entry ? Entry['result'] : unknown

export type ResultOf<App, Of extends Kind, Name> = ResultIn<EntryOf<App, Of, Name>>

/** What follows the type in a call; a payload that may be nothing may be left out. */
export type Given<App, Of extends Kind, Name, Options> =
  undefined extends PayloadIn<EntryOf<App, Of, Name>>
    ? [payload?: PayloadIn<EntryOf<App, Of, Name>>, options?: Options]
    : [payload: PayloadIn<EntryOf<App, Of, Name>>, options?: Options]

interface CallSchemas<Payload = unknown, Result = unknown> {
  readonly payload?: StandardSchema<Payload> | undefined
  readonly result?: StandardSchema<Result> | undefined
}

type SchemasOfCalls<App, Of extends Kind> = Of extends keyof App
  ? {
      readonly [Name in keyof App[Of]]?: CallSchemas<
        PayloadIn<App[Of][Name]>,
        ResultIn<App[Of][Name]>
      >
    }
  : Readonly<Record<string, CallSchemas>>

/**
 * Validators, under the names that the types have. What goes out is checked and sent as it was given;
 * what comes in is handed on as the validator returns it.
 */
export interface Schemas<App = Untyped> {
  readonly channels?: 'channels' extends keyof App
    ? { readonly [Name in keyof App['channels']]?: StandardSchema<App['channels'][Name]> }
    : Readonly<Record<string, StandardSchema>>
  readonly operations?: SchemasOfCalls<App, 'operations'>
  readonly requests?: SchemasOfCalls<App, 'requests'>
}

/** The types that validators imply: `connect<AppOf<typeof schemas>>({ url, schemas })`. */
export type AppOf<Given extends Schemas> = {
  readonly [Of in keyof Given]: {
    readonly [Name in keyof Given[Of]]: Of extends 'channels'
      ? OutputOf<Given[Of][Name]>
      : { readonly [Part in keyof Given[Of][Name]]: OutputOf<Given[Of][Name][Part]> }
  }
}

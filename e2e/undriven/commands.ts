/** Owns what a page without a driver may be told, and what it answers. Plain data. */

export interface LineAddress {
  readonly url: string
  readonly identity: string
}

/** What a page sends in its last task: `each` operations in every lane, the lanes in turn. */
export interface LastWords {
  readonly channel: string
  readonly lanes: readonly string[]
  readonly each: number
}

export interface Payload {
  readonly lane: string
  readonly number: number
}

/** What a visit could not bring to an end. */
export interface Remainder {
  readonly state: string
  readonly queued: number
  /** Items in lifeboats. */
  readonly afloat: number
}

export type Command =
  /** Answers with the names of the locks that are held on this origin. */
  | { readonly do: 'list-locks' }
  | { readonly do: 'connect'; readonly address: LineAddress }
  /** Answers when an operation of this page has been acknowledged: the worker lives and is online. */
  | { readonly do: 'warm-up'; readonly channel: string }
  /** One task, and no answer: the page is gone. With an address it connects in that task too. */
  | {
      readonly do: 'send-and-close'
      readonly words: LastWords
      readonly address?: LineAddress
    }
  /** Answers null when the line is online and nothing waits, or in the end with what remains. */
  | { readonly do: 'drain'; readonly lifeboats: string }
  /** Answers with how many tabs the line has, as the page has been told. */
  | { readonly do: 'count-tabs' }
  | { readonly do: 'close' }

export type Order = Command & { readonly id: number }

export interface Report {
  readonly id: number
  readonly answer?: unknown
  readonly error?: string
}

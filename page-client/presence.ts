/**
 * Owns who is where, as this tab sees it, and what it shows of itself. The broker is asked only while
 * somebody watches; the interest ends a moment after the last has left, so that a screen that is drawn
 * anew does not ask twice. What was known stays until a broker says something else.
 */
import type { ErrorInfo } from '../protocol/errors.js'
import type { News, PortMember, PresenceWish } from '../protocol/port.js'
import { pageError } from '../protocol/sentences.js'
import type { Member, Presence } from './api.js'
import type { PageEnvironment } from './environment.js'
import { toShortText } from './ephemeral.js'
import { guarded } from './guarded.js'
import { createReadable } from './readable.js'
import type { RemoteBroker } from './remote-broker.js'

export interface Presences {
  of(channel: string): Presence<unknown>
  /** For a broker that does not know us yet. */
  wishes(): readonly (readonly [channel: string, wish: PresenceWish])[]
  take(news: Extract<News, { kind: 'presence' }>): void
  clear(): void
}

export interface PresencesOptions {
  readonly environment: Pick<PageEnvironment, 'after'>
  broker(): Pick<RemoteBroker, 'presence'> | undefined
  /** Throws when nothing may be asked of the line any more. */
  assertOpen(): void
  onError(error: ErrorInfo, cause: unknown): void
  /** What a watcher throws. */
  onThrow(cause: unknown): void
}

interface Place {
  readonly face: Presence<unknown>
  wish(): PresenceWish | undefined
  take(news: Extract<News, { kind: 'presence' }>): void
  clear(): void
}

const LINGER_MS = 1_000

export function createPresences(options: PresencesOptions): Presences {
  const places = new Map<string, Place>()
  let isOver = false

  function open(channel: string): Place {
    const members = createReadable<readonly Member[]>([], options.onThrow)
    let watchers = 0
    let isWatched = false
    let state: string | undefined
    let stopLinger: (() => void) | undefined

    const wish = (): PresenceWish | undefined =>
      isWatched || state !== undefined
        ? { watch: isWatched, ...(state !== undefined && { state }) }
        : undefined

    function watch(isOn: boolean): void {
      stopLinger?.()
      stopLinger = undefined
      if (isOver || isWatched === isOn) return
      isWatched = isOn
      void options.broker()?.presence(channel, wish())
      if (!isOn) members.set([])
    }

    function opened({ member, state: text, ...rest }: PortMember): Member[] {
      const found: Member[] = []
      guarded(
        () => found.push({ ...rest, id: member, state: JSON.parse(text) }),
        (cause) => options.onError(pageError('bad-signal', { channel }), cause),
      )
      return found
    }

    return {
      face: {
        get value() {
          return members.value
        },
        subscribe(run) {
          let stop: (() => void) | undefined = members.subscribe(run)
          watchers += 1
          watch(true)
          return () => {
            if (!stop) return
            stop()
            stop = undefined
            watchers -= 1
            if (!watchers && isWatched) {
              stopLinger = options.environment.after(LINGER_MS, () => watch(false))
            }
          }
        },
        set(shown) {
          options.assertOpen()
          const text = shown === undefined ? undefined : toShortText(shown)
          if (text === state) return
          state = text
          void options.broker()?.presence(channel, wish())
        },
      },
      wish,
      take(news) {
        if (!isWatched) return
        const known = new Map(news.whole ? [] : members.value.map((member) => [member.id, member]))
        for (const id of news.left) known.delete(id)
        for (const member of news.members.flatMap(opened)) known.set(member.id, member)
        members.set([...known.values()])
      },
      clear() {
        stopLinger?.()
        state = undefined
        isWatched = false
        members.set([])
      },
    }
  }

  function placeOf(channel: string): Place {
    const place = places.get(channel) ?? open(channel)
    places.set(channel, place)
    return place
  }

  return {
    of: (channel) => placeOf(channel).face,
    wishes: () =>
      [...places].flatMap(([channel, place]) => {
        const wish = place.wish()
        return wish ? [[channel, wish] as const] : []
      }),
    take: (news) => places.get(news.channel)?.take(news),
    clear() {
      isOver = true
      for (const place of places.values()) place.clear()
    },
  }
}

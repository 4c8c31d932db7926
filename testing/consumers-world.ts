/**
 * Owns the consumers of a line with everything around them in the test's hand: the channels of their
 * own world, a disk that outlives the worker, and tabs that handle when told to, freeze, leave and die.
 */
import type { ErrorInfo } from '../protocol/errors.js'
import type { EventId } from '../protocol/ids.js'
import type { Consumption, News, ParkedEvent } from '../protocol/port.js'
import type { Candidate, Offer } from '../worker/channels/consumers/consumer.js'
import { createConsumers } from '../worker/channels/consumers/consumers.js'
import type { Change, ConsumerPosition } from '../worker/storage/store.js'
import { at, createChannelsWorld, NEWS } from './channels-world.js'

type ConsumeNews = Extract<News, { kind: 'consume' }>

export const FAILED = { code: 'failed', details: { reason: 'no' }, message: 'No.' } as ErrorInfo

/** What a worker leaves behind: transactions, oldest first. */
export function createConsumerDisk() {
  const positions = new Map<string, ConsumerPosition>()
  const parked = new Map<string, ParkedEvent>()
  const transactions: (readonly Change[])[] = []
  return {
    transactions,
    parked,
    positionOf: (name: string) => positions.get(name)?.cursor.id,
    positions: () => [...positions.values()],
    commit(changes: readonly Change[]) {
      transactions.push(changes)
      for (const change of changes) {
        if (change.type === 'put-consumer') positions.set(change.consumer.name, change.consumer)
        else if (change.type === 'put-parked') parked.set(change.parked.key, change.parked)
        else if (change.type === 'delete-parked') parked.delete(change.key)
      }
    },
  }
}

export function createConsumersWorld({
  disk = createConsumerDisk(),
  hasPages = false,
  world = createChannelsWorld({ hasPages }),
} = {}) {
  const { clock, channels } = world
  const parkedNews: News[] = []
  /** Who has begun what, in order: `tab:event#attempt`. */
  const log: string[] = []
  const held: (() => void)[] = []
  const state = { diskIs: 'fine' as 'fine' | 'broken' | 'slow' }
  let isDead = false
  const consumers = createConsumers({
    clock,
    random: () => 0.5,
    channels,
    positions: disk.positions(),
    parked: [...disk.parked.values()],
    async write(changes) {
      await null
      if (state.diskIs === 'broken') throw new Error('broken')
      if (state.diskIs === 'slow') await new Promise<void>((resolve) => held.push(resolve))
      if (!isDead) disk.commit(changes)
    },
    onParked: (news) => parkedNews.push(news),
  })
  let ids = 0

  function openTab(name: string, isVisible = false) {
    const told: News[] = []
    const inbox: { news: News; taken: (() => void) | undefined }[] = []
    const offers = new Map<number, Offer>()
    let isFrozen = false
    let isGone = false
    let running: ConsumeNews | undefined

    function take(): void {
      while (!isFrozen && !isGone) {
        const next = inbox.shift()
        if (!next) return
        told.push(next.news)
        if (next.news.kind === 'consume') begin(next.news)
        next.taken?.()
      }
    }

    /** As a page does: what has lain too long it lets be. */
    function begin(news: ConsumeNews): void {
      if (Math.abs(clock.wall() - news.offeredAt) > 4_000) return
      running = news
      log.push(`${name}:${news.cursor.id}#${news.attempt}`)
    }

    const candidate: Candidate & { isVisible: boolean } = {
      isVisible,
      push(news, taken) {
        inbox.push({ news, taken })
        void Promise.resolve().then(take)
      },
    }
    const settle = (error?: ErrorInfo): void => {
      if (!running) throw new Error(`${name} handles nothing`)
      const { consumption, attempt, cursor } = running
      running = undefined
      offers.get(consumption)?.handled(attempt, cursor.id, error)
    }
    const end = (how: 'left' | 'died'): void => {
      isGone = true
      for (const offer of offers.values()) offer.end(how)
    }
    return {
      name,
      told,
      candidate,
      get running() {
        return running
      },
      offer(more: Partial<Consumption> = {}) {
        const id = ++ids
        const wanted = { id, channel: NEWS, name: 'c', maxAttempts: 3, timeout: 30_000, ...more }
        const offer = consumers.offer(wanted, candidate)
        offers.set(id, offer)
        return { id, stop: () => offer.end('left') }
      },
      /** Its handler is done. */
      done: () => settle(),
      fail: (error = FAILED) => settle(error),
      /** Says of an attempt, once more or too late, that it is done. */
      says(event: string, attempt: number, error?: ErrorInfo) {
        for (const offer of offers.values()) offer.handled(attempt, event as EventId, error)
      },
      freeze() {
        isFrozen = true
      },
      thaw() {
        isFrozen = false
        take()
      },
      die: () => end('died'),
      leave: () => end('left'),
      kinds: (kind: News['kind']) => told.filter((news) => news.kind === kind),
    }
  }

  return {
    ...world,
    consumers,
    state,
    disk: disk,
    parkedNews,
    log,
    openTab,
    /** The disk has done what it was asked. */
    diskAnswers() {
      for (const answer of held.splice(0)) answer()
    },
    killWorker() {
      isDead = true
      consumers.close()
    },
    quiet: () => clock.advance(0),
    position: at,
  }
}

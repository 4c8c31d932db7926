import { describe, expect, it } from 'vitest'
import type { InstanceId, TabId } from '../../protocol/ids.js'
import type { News, Parcel } from '../../protocol/port.js'
import type { Status } from '../../protocol/status.js'
import { settled } from '../../testing/virtual-clock.js'
import type { Batch, Channel } from '../channels/channel.js'
import type { Subscriber } from '../channels/subscriber.js'
import { createTab } from './tab.js'

const status = (queued: number): News => ({ kind: 'status', status: { queued } as Status })

function setUp() {
  const parcels: Parcel[] = []
  const unconfirmed: (() => void)[] = []
  const tab = createTab({
    id: 't1' as TabId,
    instance: 'i1' as InstanceId,
    page: {
      take(parcel) {
        parcels.push(parcel)
        return new Promise((resolve) => unconfirmed.push(resolve))
      },
      token: async () => undefined,
    },
    isVisible: true,
    hasAuth: false,
    wholeOutbox: () => ({ kind: 'outbox', whole: true, put: [], removed: [] }),
    wholeParked: () => ({ kind: 'parked', whole: true, put: [], removed: [] }),
  })
  return {
    tab,
    parcels,
    news: () => parcels.map((parcel) => parcel.news),
    async confirm() {
      unconfirmed.shift()?.()
      await settled()
    },
  }
}

/** A channel that is always at some head and remembers what was confirmed. */
function channelAt(state: { head: number }) {
  const confirmed: number[] = []
  const channel = {
    name: 'c',
    sendBack: () => false,
    cut(place: number, subscriptions: readonly number[]): Batch {
      const ids = Array.from({ length: state.head - place }, (_, i) => String(place + i))
      const news = { kind: 'events', subscriptions, channel: 'c', ids } as unknown as News
      return { news, to: state.head, cursor: {} as Batch['cursor'] }
    },
    confirmed: (batch: Batch) => confirmed.push(batch.to),
  } as unknown as Channel
  return { channel, confirmed }
}

const subscriber = (id: number, channel: Channel, place: number): Subscriber =>
  ({ id, channel, place, from: 'now', outlet: {} }) as unknown as Subscriber

describe('a tab', () => {
  it('[P14] says when a piece of news has been handled, and never if it goes before', async () => {
    const { tab, confirm } = setUp()
    const log: string[] = []
    tab.push(status(1), () => log.push('first'))
    await settled()
    tab.push(status(2), () => log.push('second'))
    await settled()
    expect(log).toEqual([])
    await confirm()
    expect(log).toEqual(['first'])
    tab.close()
    await confirm()
    expect(log).toEqual(['first'])
  })

  it('[P14] has one parcel in flight, and the next one grows meanwhile', async () => {
    const { tab, parcels, confirm } = setUp()
    const state = { head: 1 }
    const { channel, confirmed } = channelAt(state)
    const own = subscriber(1, channel, 0)
    tab.mark(own)
    await settled()
    for (state.head = 2; state.head < 1_000; state.head++) tab.mark(own)
    await settled()
    expect(parcels).toHaveLength(1)
    await confirm()
    expect(parcels).toHaveLength(2)
    expect(parcels[1]?.news).toMatchObject([{ kind: 'events', ids: { length: 999 } }])
    await confirm()
    expect(confirmed).toEqual([1, 1_000])
    expect(parcels).toHaveLength(2)
  })

  it('gets one slice for all its subscriptions at the same place', async () => {
    const { tab, news } = setUp()
    const { channel } = channelAt({ head: 3 })
    for (const one of [subscriber(1, channel, 0), subscriber(2, channel, 0)]) tab.mark(one)
    tab.mark(subscriber(3, channel, 2))
    await settled()
    expect(news()).toMatchObject([[{ subscriptions: [1, 2] }, { subscriptions: [3], ids: ['2'] }]])
  })

  it('[P9] is told the latest status only', async () => {
    const { tab, news, confirm } = setUp()
    tab.push(status(0))
    await settled()
    for (let i = 1; i < 100; i++) tab.push(status(i))
    await confirm()
    expect(news()).toEqual([[status(0)], [status(99)]])
  })

  it('[P14] that is far behind gets the whole outbox instead of every change', async () => {
    const { tab, news, confirm } = setUp()
    tab.push(status(0))
    await settled()
    for (let i = 0; i < 1_000; i++) tab.push({ kind: 'outbox', whole: false, put: [], removed: [] })
    await confirm()
    expect(news()[1]?.length).toBeLessThanOrEqual(51)
  })

  it('[P14] that is far behind gets all parked events once instead of every change', async () => {
    const { tab, news, confirm } = setUp()
    tab.push(status(0))
    await settled()
    for (let i = 0; i < 9; i++) tab.push({ kind: 'parked', whole: false, put: [], removed: [] })
    await confirm()
    expect(news()[1]).toEqual([{ kind: 'parked', whole: true, put: [], removed: [] }])
  })

  it('[F21] confirms nothing for a subscriber that left while the parcel was on its way', async () => {
    const { tab, confirm } = setUp()
    const { channel, confirmed } = channelAt({ head: 3 })
    const [gone, also] = [subscriber(1, channel, 0), subscriber(2, channel, 2)]
    tab.mark(gone)
    tab.mark(also)
    await settled()
    gone.place = null
    also.place = null
    await confirm()
    expect(confirmed).toEqual([])
  })

  it('[F16] is told nothing more once it has gone, and confirms nothing', async () => {
    const { tab, parcels, confirm } = setUp()
    const { channel, confirmed } = channelAt({ head: 1 })
    tab.mark(subscriber(1, channel, 0))
    await settled()
    tab.close()
    await confirm()
    tab.push(status(1))
    tab.mark(subscriber(1, channel, 0))
    await settled()
    expect(parcels).toHaveLength(1)
    expect(confirmed).toEqual([])
  })
})

import { describe, expect, it } from 'vitest'
import type { Status } from '../protocol/status.js'
import { createFakeBroker } from '../testing/fake-broker.js'
import { settled } from '../testing/virtual-clock.js'
import { createPausing } from './pausing.js'
import type { RemoteBroker } from './remote-broker.js'

const FACTS = { queued: 0, tabs: 1, host: 'shared-worker', storage: 'disk' } as const
const online: Status = { state: 'online', latencies: [], ...FACTS }
const paused = (...reasons: ('user' | 'hidden')[]): Status => ({
  state: 'offline',
  cause: 'paused',
  reasons,
  ...FACTS,
})

function setUp() {
  const fake = createFakeBroker()
  const own: { broker: RemoteBroker | undefined } = { broker: fake.remote }
  const pausing = createPausing(() => own.broker)
  pausing.told(online)
  return { fake, own, pausing }
}

/** A broker that takes a call and dies. */
const dying = (remote: RemoteBroker): RemoteBroker => ({
  ...remote,
  pause: () => new Promise(() => {}),
})

describe('what a tab knows of a pause', () => {
  it('is what it was told last', async () => {
    const { pausing } = setUp()
    expect(pausing.hello()).toEqual({})
    pausing.told(paused('hidden'))
    expect(pausing.hello()).toEqual({})
    pausing.told(paused('hidden', 'user'))
    expect(pausing.hello()).toEqual({ isPaused: true })
  })

  it('is what it has asked for, until the broker has heard it', async () => {
    const { fake, pausing } = setUp()
    pausing.ask('pause')
    expect(pausing.hello()).toEqual({ isPaused: true })
    await settled()
    expect(fake.calls).toEqual([['pause']])
    pausing.told(online)
    expect(pausing.hello()).toEqual({})
    pausing.told(paused('user'))
    pausing.ask('resume')
    expect(pausing.hello()).toEqual({})
  })

  it('[P12] is what a broker has heard that died before it could tell', async () => {
    const { pausing } = setUp()
    pausing.told(paused('user'))
    pausing.ask('resume')
    await settled()
    expect(pausing.hello()).toEqual({})
    pausing.ask('pause')
    await settled()
    expect(pausing.hello()).toEqual({ isPaused: true })
  })

  it('[P12] is asked again of the next broker, if nobody has confirmed it', async () => {
    const { fake, own, pausing } = setUp()
    own.broker = dying(fake.remote)
    pausing.ask('pause')
    await settled()
    own.broker = fake.remote
    expect(pausing.hello()).toEqual({ isPaused: true })
    pausing.attached()
    await settled()
    expect(fake.calls).toEqual([['pause']])
    pausing.attached()
    expect(fake.calls).toHaveLength(1)
  })

  it('[P12] is the last word, also while an earlier one is being confirmed', async () => {
    const { fake, own, pausing } = setUp()
    own.broker = dying(fake.remote)
    pausing.ask('resume')
    pausing.ask('pause')
    await settled()
    expect(fake.calls).toEqual([['resume']])
    expect(pausing.hello()).toEqual({ isPaused: true })
  })

  it('[P12] is not forgotten where there is no broker yet, and only the last word counts', async () => {
    const { fake, own, pausing } = setUp()
    own.broker = undefined
    pausing.ask('pause')
    pausing.ask('resume')
    own.broker = fake.remote
    pausing.attached()
    await settled()
    expect(fake.calls).toEqual([['resume']])
  })
})

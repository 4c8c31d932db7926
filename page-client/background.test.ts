import { describe, expect, it } from 'vitest'
import type { Status } from '../protocol/status.js'
import { settled } from '../testing/virtual-clock.js'
import { createBackground } from './background.js'

const FACTS = { tabs: 1, host: 'shared-worker', storage: 'disk' } as const
const online = (queued: number): Status => ({ state: 'online', latencies: [], queued, ...FACTS })
const offline = (queued: number): Status => ({
  state: 'offline',
  cause: 'paused',
  reasons: ['user'],
  queued,
  ...FACTS,
})

function setUp(answer: () => Promise<void> = async () => {}) {
  let asked = 0
  const background = createBackground(() => {
    asked += 1
    return answer()
  })
  return { background, asked: () => asked }
}

describe('a Background Sync', () => {
  it('[P2] is asked for once while something is queued and the line is not online', () => {
    const { background, asked } = setUp()
    background.told(offline(0))
    expect(asked()).toBe(0)
    background.told(offline(1))
    background.told(offline(2))
    expect(asked()).toBe(1)
  })

  it('is asked for again when it may be needed again', () => {
    const { background, asked } = setUp()
    background.told(offline(1))
    background.told(online(1))
    background.told(offline(1))
    background.told(offline(0))
    background.told(offline(1))
    expect(asked()).toBe(3)
  })

  it('is asked for when the page is hidden with something queued, online or not', () => {
    const { background, asked } = setUp()
    background.told(online(0))
    background.concealed()
    expect(asked()).toBe(0)
    background.told(online(1))
    expect(asked()).toBe(0)
    background.concealed()
    expect(asked()).toBe(1)
  })

  it('[P2] is asked for when the page closes in the task in which it has sent', () => {
    const { background, asked } = setUp()
    background.told(online(0))
    background.concealed(true)
    expect(asked()).toBe(1)
  })

  it('[P2] is asked for again when the page is hidden: it may have been used up meanwhile', async () => {
    const { background, asked } = setUp()
    background.told(offline(1))
    await settled()
    background.concealed()
    expect(asked()).toBe(2)
  })

  it("[P2] that is refused is nobody's error, and is asked for again", async () => {
    let isForbidden = true
    const { background, asked } = setUp(async () => {
      if (isForbidden) throw new Error('no service worker yet')
    })
    background.told(offline(1))
    background.told(offline(1))
    await settled()
    expect(asked()).toBe(1)
    isForbidden = false
    background.told(offline(1))
    await settled()
    background.told(offline(1))
    expect(asked()).toBe(2)
  })

  it('that is refused late does not undo a later one', async () => {
    let refuse = (_: Error): void => {}
    const answers = [new Promise<void>((_, reject) => (refuse = reject)), Promise.resolve()]
    const { background, asked } = setUp(() => answers.shift() ?? Promise.resolve())
    background.told(offline(1))
    background.told(offline(0))
    background.told(offline(1))
    refuse(new Error('forbidden'))
    await settled()
    background.told(offline(1))
    expect(asked()).toBe(2)
  })
})

/**
 * Tokens in a whole house: who is asked, how a fresher one reaches the server, and what becomes of a question
 * whose tab, worker or identity is gone before its answer.
 */
import { afterEach, describe, expect, it } from 'vitest'
import type { ConnectOptions } from '../page-client/api.js'
import { createHouse, type HouseTab } from './house.js'

let house: ReturnType<typeof createHouse>

afterEach(() => house.close())

/** Answers when the test says so, and counts. */
function slowAuth() {
  const answers: ((token: string | undefined) => void)[] = []
  return {
    answers,
    auth: () => new Promise<string | undefined>((resolve) => answers.push(resolve)),
  }
}

const never = () => new Promise<string>(() => {})
const hellos = () => house.server.connections.flatMap((one) => one.bodies('hello'))

async function opened(options: Partial<ConnectOptions>): Promise<HouseTab> {
  const tab = house.openTab(options)
  await house.quiet()
  return tab
}

describe('a tab that is asked', () => {
  it('[P12] [S52] [G71] and never answers leaves it to the next one', async () => {
    house = createHouse()
    await opened({ auth: () => 'secret' })
    await opened({ auth: never })
    await house.server.latest.accept()
    await house.advance(2_499)
    expect(hellos()).toEqual([])
    await house.advance(1)
    expect(hellos()).toMatchObject([{ auth: 'secret' }])
  })

  it('[P12] and dies meanwhile does so too, and so do all that are hung', async () => {
    house = createHouse()
    await opened({ auth: () => 'secret' })
    for (let i = 0; i < 2; i++) (await opened({ auth: never })).kill()
    await house.server.latest.accept()
    await house.advance(5_000)
    expect(hellos()).toMatchObject([{ auth: 'secret' }])
    expect(house.server.connections).toHaveLength(1)
  })

  it('[G73] and fails tells its app why, and is asked again until it knows', async () => {
    house = createHouse()
    const errors: unknown[] = []
    const cause = new Error('the token server is down')
    let isDown = true
    const auth = async () => {
      if (isDown) throw cause
      return 'secret'
    }
    const tab = await opened({ auth, onError: (error) => errors.push(error) })
    await house.server.latest.accept()
    await house.quiet()
    // Nothing goes out in the name of nobody.
    expect(house.server.latest.frames).toEqual([])
    expect(tab.line.status.value).toMatchObject({ state: 'unauthorized', cause: 'auth' })
    expect(errors[0]).toMatchObject({ code: 'no-token', cause })
    isDown = false
    await house.advance(30_000)
    await house.server.latest.welcome()
    await house.quiet()
    expect(tab.line.status.value.state).toBe('online')
    expect(hellos()).toMatchObject([{ auth: 'secret' }])
  })

  it.each<[what: string, token: unknown]>([
    ['no string', { token: 'secret' }],
    ['longer than the wire carries', 'x'.repeat(16_385)],
  ])('and gives what is %s has failed', async (_, token) => {
    house = createHouse()
    const errors: unknown[] = []
    await opened({ auth: () => token as string, onError: (error) => errors.push(error) })
    await house.server.latest.accept()
    await house.quiet()
    expect(errors[0]).toMatchObject({ code: 'no-token', cause: expect.any(TypeError) })
  })

  it('[P12] [S173] and fails, and then says that there is no token, has the line go without', async () => {
    house = createHouse()
    let isDown = true
    const auth = async () => {
      if (isDown) throw new Error('the token server is down')
      return undefined
    }
    const tab = await opened({ auth, onError: () => {} })
    await house.server.latest.accept()
    expect(tab.line.status.value.state).toBe('unauthorized')
    isDown = false
    await house.advance(1_000)
    await house.server.latest.welcome()
    await house.quiet()
    expect(tab.line.status.value.state).toBe('online')
    expect(hellos()).toHaveLength(1)
  })

  it('[F43] is the visible one', async () => {
    house = createHouse()
    const seen = await opened({ auth: () => 'seen' })
    const other = await opened({ auth: () => 'hidden' })
    other.page.concealed()
    seen.page.visible()
    await house.quiet()
    await house.server.latest.accept()
    expect(hellos()).toMatchObject([{ auth: 'seen' }])
  })
})

describe('a question whose answer comes too late', () => {
  it('[P12] [F1] [S54] is asked again by the next worker when its own has died', async () => {
    house = createHouse()
    const { answers, auth } = slowAuth()
    const tab = await opened({ auth })
    await house.server.latest.accept()
    house.killWorker()
    await house.advance(1_000)
    answers[0]?.('for the dead')
    await house.quiet()
    await house.server.latest.accept()
    expect(hellos()).toEqual([])
    answers.at(-1)?.('secret')
    await house.quiet()
    await house.server.latest.welcome()
    await house.quiet()
    expect(hellos()).toMatchObject([{ auth: 'secret' }])
    expect(tab.line.status.value.state).toBe('online')
  })

  it('[P13] [F24] tells the server nothing after a sign-out, and the next user neither', async () => {
    house = createHouse()
    const { answers, auth } = slowAuth()
    const old = await opened({ auth })
    await house.server.latest.accept()
    const signedOut = old.line.signOut({ outbox: 'discard' })
    await house.quiet()
    await signedOut
    await opened({ auth: () => 'of the next' })
    await house.server.latest.accept()
    answers[0]?.('of the old one')
    await house.quiet()
    expect(hellos()).toMatchObject([{ auth: 'of the next' }])
    expect(house.server.open).toBe(1)
  })
})

describe('a token that ends', () => {
  it('is replaced on the same connection as soon as there is another one', async () => {
    house = createHouse()
    let token = 'first'
    const tab = await opened({ auth: () => token })
    await house.server.latest.welcome()
    await house.quiet()
    await house.server.latest.say(['auth-needed', { within: 20_000 }])
    await house.quiet()
    expect(house.server.latest.bodies('auth')).toEqual([])
    token = 'second'
    await house.advance(10_000)
    expect(house.server.latest.bodies('auth')).toEqual([{ token: 'second' }])
    expect(house.server.connections).toHaveLength(1)
    expect(tab.line.status.value.state).toBe('online')
  })

  it('4001 is answered with one fresh token, and a second one with nothing', async () => {
    house = createHouse()
    const tokens = ['old', 'fresh']
    const tab = await opened({ auth: () => tokens.shift() ?? 'fresh' })
    await house.server.latest.accept()
    await house.server.latest.cut(4001)
    await house.server.latest.accept()
    expect(hellos()).toMatchObject([{ auth: 'old' }, { auth: 'fresh' }])
    await house.server.latest.cut(4001)
    await house.advance(3_600_000)
    expect(house.server.connections).toHaveLength(2)
    expect(tab.line.status.value).toMatchObject({ state: 'unauthorized', cause: 'auth' })
  })
})

describe('where nobody has tokens', () => {
  it('[G74] cookies say who we are, and no tab is asked, frozen or not', async () => {
    house = createHouse()
    await opened({})
    await house.server.latest.accept()
    expect(hellos()).toHaveLength(1)
    expect(hellos()[0]).not.toHaveProperty('auth')
  })

  it('[G75] [S144] a refused cookie is tried again when somebody comes, who may have signed in', async () => {
    house = createHouse()
    const tab = await opened({})
    await house.server.latest.accept()
    await house.server.latest.cut(4001)
    await house.advance(60_000)
    expect(house.server.connections).toHaveLength(1)
    expect(tab.line.status.value.state).toBe('unauthorized')
    const next = await opened({})
    await house.server.latest.welcome()
    await house.quiet()
    expect(next.line.status.value.state).toBe('online')
  })

  it('[P11] [G75] [S144] who comes again and again waits ever longer', async () => {
    house = createHouse()
    house.setRoll(0.999)
    const tab = await opened({})
    for (let i = 0; i < 20; i++) {
      await house.server.latest.accept()
      await house.server.latest.cut(4001)
      tab.page.visible()
      await house.advance(500)
    }
    expect(house.server.connections.length).toBeLessThan(8)
  })
})

describe('an address', () => {
  it('[P2] [G74] is fetched by the worker, also when no tab lives any more', async () => {
    house = createHouse()
    const tab = await opened({ auth: '/token' })
    await house.server.latest.welcome()
    await house.quiet()
    expect(house.fetched).toEqual(['https://app.example/token'])
    expect(hellos()).toMatchObject([{ auth: 'token 1' }])
    await house.server.latest.cut()
    tab.line.send('note', 1)
    await house.quiet()
    tab.kill()
    await house.advance(1_000)
    await house.server.latest.welcome()
    await house.quiet()
    expect(hellos()).toMatchObject([{ auth: 'token 1' }, { auth: 'token 2' }])
    expect(house.server.latest.bodies('op')).toHaveLength(1)
  })

  it('[G73] that fails is told to every tab', async () => {
    house = createHouse()
    house.state.tokenStatus = 500
    const errors: unknown[] = []
    const auth = new URL('https://app.example/token')
    await opened({ auth, onError: (error) => errors.push(error) })
    await house.server.latest.accept()
    await house.quiet()
    expect(errors[0]).toMatchObject({ code: 'no-token', details: { why: 'status 500' } })
    expect(house.server.latest.frames).toEqual([])
  })

  it('is refused by name if it is none', () => {
    house = createHouse()
    expect(() => house.openTab({ auth: 'http://[' })).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ option: 'auth' }) }),
    )
  })
})

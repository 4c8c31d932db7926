import { expect, it } from 'vitest'
import type { ErrorInfo } from '../../protocol/errors.js'
import { type OwnTokenOptions, ownToken } from './own-token.js'

const line = { url: 'wss://app.example/line', identity: 'ann' }

function setUp(given: Partial<OwnTokenOptions>) {
  const errors: ErrorInfo[] = []
  const onError = (error: ErrorInfo) => errors.push(error)
  const source = ownToken({ auth: '/token', fetchText: undefined, line, onError, ...given })
  return { errors, token: source.token }
}
const answering = (status: number, text = '') =>
  setUp({ fetchText: async () => ({ status, text }) })

it('[P13][G74] asks the app for the token of this very identity', async () => {
  const { token } = setUp({ auth: ({ identity }) => `token of ${identity}` })
  expect(await token()).toBe('token of ann')
})

it('takes null for no token', async () => {
  const { token, errors } = setUp({ auth: () => null as never })
  expect(await token()).toBeUndefined()
  expect(errors).toEqual([])
})

it('fetches it where an address says so', async () => {
  const { token } = answering(200, ' secret\n')
  expect(await token()).toBe('secret')
})

it.each([204, 401, 403])('takes status %i for no token', async (status) => {
  const { token, errors } = answering(status, 'sign in')
  expect(await token()).toBeUndefined()
  expect(errors).toEqual([])
})

it.each<[what: string, given: Partial<OwnTokenOptions>, why: string]>([
  ['a function that throws', { auth: () => Promise.reject(new Error('no key')) }, 'no key'],
  ['a server in trouble', { fetchText: async () => ({ status: 503, text: 'oh' }) }, 'status 503'],
  ['no network', { fetchText: () => Promise.reject(new TypeError('no net')) }, 'no net'],
  ['a browser without fetch', {}, 'nothing can be fetched here'],
])('says that it cannot say, and why: %s', async (_, given, why) => {
  const { token, errors } = setUp(given)
  expect(await token()).toBeNull()
  expect(errors).toMatchObject([{ code: 'no-token', details: { why } }])
})

it('survives a failure that is no error', async () => {
  const { token, errors } = setUp({ auth: () => Promise.reject(Object.create(null)) })
  expect(await token()).toBeNull()
  expect(errors).toMatchObject([{ code: 'no-token', details: {} }])
})

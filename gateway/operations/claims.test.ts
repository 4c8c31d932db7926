import { expect, expectTypeOf, test } from 'vitest'
import { createGateway } from '../create-gateway.js'
import { openSqliteLog } from '../log/sqlite-log.js'
import type { Question } from './operations.js'

test('what authenticate says of a token is typed where it is handed on', async () => {
  const log = await openSqliteLog({ file: ':memory:' })
  interface Claims {
    readonly since: number
  }
  const gateway = createGateway({
    log,
    authenticate: async (token) =>
      token ? { identity: token, claims: { since: 1 } satisfies Claims } : undefined,
    authorize: ({ claims }) => {
      expectTypeOf(claims).toEqualTypeOf<{ since: number } | undefined>()
      return true
    },
    operations: {
      move: (_, { claims, signal }) => {
        expectTypeOf(claims).toEqualTypeOf<{ since: number } | undefined>()
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
      },
    },
  })
  await gateway.close()
  const plain = createGateway({ log, authorize: ({ identity }) => identity !== '' })
  await plain.close()
  await log.close()
  expectTypeOf<Question['claims']>().toEqualTypeOf<unknown>()
  expect(gateway.stats().sockets).toBe(0)
})

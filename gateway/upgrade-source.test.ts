import { createServer as createHttp } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { expect, test } from 'vitest'
import type { UpgradeSource } from './create-gateway.js'

test('HTTP and HTTPS servers both fit', () => {
  const servers: UpgradeSource[] = [createHttp(), createHttps()]
  for (const server of servers) expect(server.listenerCount('upgrade')).toBe(0)
})

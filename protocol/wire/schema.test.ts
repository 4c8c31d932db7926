import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { PROTOCOL } from '../version.js'
import { down } from './frames-down.js'
import { up } from './frames-up.js'
import { dumpSchemas } from './schema-dump.js'

/**
 * The wire of version 1. If this fails you changed what crosses it. Old and new sides meet during
 * every deployment, so: a new optional field or a new frame that is only sent to a side which
 * announced a feature is compatible; anything else needs a new PROTOCOL and SUBPROTOCOL. In both
 * cases change docs/PROTOCOL.md and CHANGELOG.md, then put the new hash here.
 */
const PINNED = '11b161e7104b797c'

test('the wire does not change silently', () => {
  const text = `up\n${dumpSchemas(up)}\ndown\n${dumpSchemas(down)}`
  expect(PROTOCOL).toBe(1)
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16)
  expect(hash, `The wire has changed: read the comment above PINNED.\n${text}`).toBe(PINNED)
})

test('the hash sees fields, limits and options', () => {
  const text = dumpSchemas({ ...up, ...down })
  for (const part of ['withdrawn:optional(literal(true))', 'max_value(2147483647)', '"slow"']) {
    expect(text).toContain(part)
  }
})

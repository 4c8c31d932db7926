import { expect, it } from 'vitest'
import { Refusal } from './refusal.js'

it('[P5] a refusal cannot say what only the protocol may say of numbers', () => {
  for (const code of ['out-of-order', 'stale-epoch', 'number-reused', '', 'x'.repeat(257)]) {
    expect(() => new Refusal(code)).toThrow(TypeError)
  }
  expect(new Refusal('forbidden', 'not yours')).toMatchObject({ code: 'forbidden' })
})

import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { createVirtualClock } from '../testing/virtual-clock.js'
import { type AnySchemas, createValidators } from './validators.js'

const MOVE = v.object({ card: v.string(), to: v.object({ column: v.number() }) })

function setUp(schemas: AnySchemas) {
  const clock = createVirtualClock()
  return { clock, validators: createValidators(schemas, clock) }
}

describe('a validator', () => {
  it('hands on what it returns', () => {
    const trimmed = v.pipe(v.string(), v.trim())
    const { validators } = setUp({ channels: { news: trimmed } })
    expect(validators.channel('news')(' a ')).toBe('a')
  })

  it('that refuses says what, where and why', () => {
    const { validators } = setUp({ operations: { move: { payload: MOVE } } })
    const { payload, result } = validators.call('operations', 'move')
    expect(result(7)).toBe(7)
    const at = 'Payload of "move"'
    const issue = expect.stringMatching(/^to\.column: /)
    expect(() => payload({ card: 'a', to: { column: 'b' } })).toThrow(
      expect.objectContaining({ code: 'invalid', details: { at, issues: [issue] } }),
    )
    expect(() => payload(7)).toThrow(/^Payload of "move" is not valid: Invalid type/)
  })

  it('may take its time', async () => {
    const later = v.pipeAsync(
      v.string(),
      v.checkAsync(async (word) => word !== 'no', 'not that'),
    )
    const { validators, clock } = setUp({ requests: { ask: { result: later } } })
    const { result } = validators.call('requests', 'ask')
    expect(await result('yes')).toBe('yes')
    await expect(result('no')).rejects.toMatchObject({ code: 'invalid' })
    expect(clock.pending).toBe(0)
  })

  it('[P12] that never answers has refused', async () => {
    const standard = { version: 1, vendor: 'mine', validate: () => new Promise(() => {}) }
    const { validators, clock } = setUp({ channels: { news: { '~standard': standard } } })
    const answer = expect(validators.channel('news')(1)).rejects.toMatchObject({ code: 'invalid' })
    await clock.advance(10_000)
    await answer
  })

  it('that is none is named at once', () => {
    const { validators } = setUp({ channels: { news: () => true } })
    expect(() => validators.channel('news')).toThrow(
      expect.objectContaining({ code: 'bad-option' }),
    )
  })
})

describe('the name of a validator', () => {
  const [exact, any, boards] = ['exact', 'any', 'board'].map((word) => v.literal(word))
  const { validators } = setUp({
    channels: { 'board/*': boards, 'board/7': exact, 'team/*/log': any },
  })
  const passes = (name: string, value: string): boolean => {
    try {
      return validators.channel(name)(value) === value
    } catch {
      return false
    }
  }

  it('is the exact one, else the one whose star stands for the rest', () => {
    expect(passes('board/7', 'exact')).toBe(true)
    expect(passes('board/7', 'board')).toBe(false)
    expect(passes('board/70', 'board')).toBe(true)
    expect(passes('board/', 'board')).toBe(true)
    expect(passes('team/a/log', 'any')).toBe(true)
    expect(passes('team/a/log', 'else')).toBe(false)
  })

  it('covers nothing that only looks like it', () => {
    for (const name of ['board', 'my/board/7', 'team/log', 'team/a/logs', 'toString']) {
      expect(passes(name, 'anything')).toBe(true)
    }
  })
})

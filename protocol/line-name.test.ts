import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lineLockName, lineName, tabLockName } from './line-name.js'

const address = fc.record({
  url: fc.string(),
  identity: fc.option(fc.string(), { nil: undefined }),
})

describe('the name of a line', () => {
  it('[P13] differs wherever URL or identity differ, whatever they contain', () => {
    fc.assert(
      fc.property(address, address, (a, b) => {
        const isSame = a.url === b.url && a.identity === b.identity
        expect(lineName(a) === lineName(b)).toBe(isSame)
      }),
    )
  })

  it('[P13] keeps anonymous apart from a user whose name is empty', () => {
    const url = 'wss://app.example/line'
    expect(lineName({ url })).not.toBe(lineName({ url, identity: '' }))
  })

  it('[P13] is part of the name of every lock', () => {
    const [a, b] = ['a', 'b'].map((identity) => lineName({ url: 'wss://x', identity }))
    expect(lineLockName(a ?? '')).not.toBe(lineLockName(b ?? ''))
    expect(tabLockName(a ?? '', 't')).not.toBe(tabLockName(b ?? '', 't'))
  })
})

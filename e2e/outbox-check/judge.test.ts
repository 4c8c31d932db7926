/** Proves that the judge sees losses, doubles and reorderings [P2] [P3] [P4] [P5]: it must be able to fail. */
import { describe, expect, test } from 'vitest'
import { judge } from './judge.js'
import type { Fact, Kind, LogEntry, Story } from './story.js'

const sent = (key: string, { tab = 'A', lane = 'l', kind = 'publish' as Kind } = {}): Fact => ({
  fact: 'sent',
  tab,
  lane,
  key,
  kind,
})
const stored = (key: string, tab = 'A'): Fact => ({ fact: 'stored', tab, key })
const acked = (key: string, id: string, tab = 'A'): Fact => ({ fact: 'acked', tab, key, id })
const failed = (
  key: string,
  code: 'rejected' | 'expired' | 'discarded' | 'worker-silent',
  wasSent = false,
): Fact => ({
  fact: 'failed',
  tab: 'A',
  key,
  code,
  wasSent,
})
const ended = (how: 'closed' | 'reloaded' | 'crashed' | 'killed', tab = 'A'): Fact => ({
  fact: 'tab-ended',
  tab,
  how,
})
const killed: Fact = { fact: 'browser-killed' }

/** The n-th event of the log has the id `#n`. */
const logOf = (...keys: string[]): readonly LogEntry[] =>
  keys.map((key, index) => ({ id: `#${index + 1}`, key, lane: 'l' }))

function complaints(facts: readonly Fact[], log: readonly LogEntry[], isDrained = true) {
  const story: Story = { facts, log, isDrained }
  return judge(story).complaints.map(({ what, key }) => (key ? `${what} ${key}` : what))
}

describe('a good session', () => {
  test('has nothing to complain of', () => {
    const facts = [sent('1'), stored('1'), sent('2'), acked('1', '#1'), ended('closed')]
    expect(judge({ facts, log: logOf('1', '2'), isDrained: true })).toEqual({
      operations: 2,
      arrived: 2,
      excused: 0,
      complaints: [],
    })
  })
})

describe('[P2] a loss', () => {
  test('is what was stored and is not there, whatever became of the tab', () => {
    for (const how of ['closed', 'reloaded', 'crashed', 'killed'] as const) {
      expect(complaints([sent('1'), stored('1'), ended(how), killed], [])).toEqual(['loss 1'])
    }
  })

  test('is what was acknowledged and is not there', () => {
    expect(complaints([sent('1'), acked('1', '#1'), ended('killed')], [])).toEqual(['loss 1'])
  })

  test('is what a tab sent that lived on, closed or was reloaded', () => {
    expect(complaints([sent('1')], [])).toEqual(['loss 1'])
    expect(complaints([sent('1'), ended('closed')], [])).toEqual(['loss 1'])
    expect(complaints([sent('1'), ended('reloaded')], [])).toEqual(['loss 1'])
    expect(complaints([killed, sent('1'), ended('closed')], [])).toEqual(['loss 1'])
  })

  test('is not what a tab sent that was killed before it was stored', () => {
    for (const how of ['crashed', 'killed'] as const) {
      const facts = [sent('1'), ended(how)]
      const verdict = judge({ facts, log: [], isDrained: true })
      expect(verdict).toMatchObject({ complaints: [], excused: 1 })
    }
    expect(complaints([sent('1'), ended('closed'), killed], [])).toEqual([])
  })

  test('is not what somebody gave up', () => {
    const asked: Fact = { fact: 'discard-asked', tab: 'A', key: '1' }
    expect(complaints([sent('1'), stored('1'), asked], [])).toEqual([])
    expect(complaints([sent('1'), stored('1'), failed('1', 'expired')], [])).toEqual([])
  })

  test('is one although the same key was also used by a tab that was killed', () => {
    const facts = [sent('1'), ended('killed'), sent('1', { tab: 'B' }), ended('closed', 'B')]
    expect(complaints(facts, [])).toEqual(['loss 1'])
  })
})

describe('[P3] a double', () => {
  test('is seen, whoever sent it and whatever became of the tab', () => {
    expect(complaints([sent('1'), ended('killed')], logOf('1', '1'))).toEqual(['double 1'])
    const twice = [sent('1'), sent('1', { tab: 'B' })]
    expect(complaints(twice, logOf('1'))).toEqual([])
    expect(complaints(twice, logOf('1', '1'))).toEqual(['double 1'])
  })

  test('makes up for no loss', () => {
    const facts = [sent('1'), sent('2')]
    expect(complaints(facts, logOf('1', '1'))).toEqual(['double 1', 'loss 2'])
  })

  test('is told from something that nobody sent', () => {
    expect(complaints([], logOf('1'))).toEqual(['stranger 1'])
  })
})

describe('[P4] a reordering', () => {
  test('is seen within a lane of a tab', () => {
    const facts = [sent('1'), sent('2'), sent('3')]
    expect(complaints(facts, logOf('1', '3', '2'))).toEqual(['reordering 3'])
    expect(complaints(facts, logOf('2', '3', '1'))).toEqual(['reordering 2', 'reordering 3'])
  })

  test('is seen when what is missing would have been in between', () => {
    const facts = [sent('1'), sent('2'), sent('3'), ended('killed')]
    expect(complaints(facts, logOf('1', '3'))).toEqual([])
    expect(complaints(facts, logOf('3', '1'))).toEqual(['reordering 3'])
  })

  test('is none between lanes, nor between tabs that knew nothing of each other', () => {
    expect(complaints([sent('1'), sent('2', { lane: 'm' })], logOf('2', '1'))).toEqual([])
    expect(complaints([sent('1'), sent('2', { tab: 'B' })], logOf('2', '1'))).toEqual([])
  })

  test('is none once the tab was told that nobody answers, unless it was stored', () => {
    const silent = failed('1', 'worker-silent')
    expect(complaints([sent('1'), silent, sent('2')], logOf('2', '1'))).toEqual([])
    expect(complaints([sent('1'), sent('2'), silent], logOf('2', '1'))).toEqual(['reordering 2'])
    const isStored = [sent('1'), stored('1'), silent, sent('2')]
    expect(complaints(isStored, logOf('2', '1'))).toEqual(['reordering 2'])
  })

  test('is seen between tabs when the first was stored before the second was sent', () => {
    const facts = [sent('1'), stored('1'), sent('2', { tab: 'B' })]
    expect(complaints(facts, logOf('2', '1'))).toEqual(['reordering 2'])
  })
})

describe('[P5] a fate', () => {
  test('that says there was no effect, with an effect, is a ghost', () => {
    for (const code of ['rejected', 'expired', 'discarded'] as const) {
      expect(complaints([sent('1'), failed('1', code)], logOf('1'))).toEqual(['ghost 1'])
    }
    expect(complaints([sent('1'), failed('1', 'discarded', true)], logOf('1'))).toEqual([])
  })

  test('is single', () => {
    const both = [sent('1'), acked('1', '#1'), failed('1', 'discarded', true)]
    expect(complaints(both, logOf('1'))).toEqual(['contradiction 1'])
    const two = [sent('1'), acked('1', '#1'), acked('1', '#2', 'B')]
    expect(complaints(two, logOf('1'))).toEqual(['contradiction 1'])
  })

  test('is told as the log has it', () => {
    expect(complaints([sent('1'), acked('1', '#7')], logOf('1'))).toEqual(['contradiction 1'])
  })

  test('is not silent, also of what the server refuses or what expires', () => {
    for (const kind of ['poison', 'short-lived'] as const) {
      expect(complaints([sent('1', { kind }), stored('1')], [])).toEqual(['silent-fate 1'])
      expect(complaints([sent('1', { kind }), ended('killed')], [])).toEqual([])
    }
    const refused = [sent('1', { kind: 'poison' }), stored('1'), failed('1', 'rejected')]
    expect(complaints(refused, [])).toEqual([])
  })

  test('comes to everything: an outbox that does not drain is a complaint', () => {
    expect(complaints([], [], false)).toEqual(['stuck'])
  })
})

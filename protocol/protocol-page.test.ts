import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { SUBPROTOCOL } from './version.js'
import { CLOSE } from './wire/close-codes.js'
import { decodeDown, decodeUp } from './wire/codec.js'
import { down, gapReason } from './wire/frames-down.js'
import { up } from './wire/frames-up.js'
import * as limits from './wire/limits.js'
import { fieldsOf } from './wire/schema-dump.js'

const page = readFileSync(new URL('../docs/PROTOCOL.md', import.meta.url), 'utf8')

/** The rows of a frame in the tables of §16: its own line and those without a type that follow. */
function rowsOf(type: string, direction: 'client' | 'server'): string {
  const section = page.split(`### From the ${direction}\n`)[1]?.split(/\n##/)[0] ?? ''
  const rows = section.split('\n')
  const begin = rows.findIndex((row) => row.startsWith(`| \`${type}\` |`))
  if (begin < 0) return ''
  const end = rows.findIndex((row, at) => at > begin && !row.startsWith('| |'))
  return rows.slice(begin, end < 0 ? undefined : end).join('\n')
}

describe('docs/PROTOCOL.md', () => {
  const frames = [
    ...Object.entries(up).map(([type, schema]) => ['client', type, schema] as const),
    ...Object.entries(down).map(([type, schema]) => ['server', type, schema] as const),
  ]

  test.each(frames)('names every field that the %s sends in %s', (direction, type, schema) => {
    const rows = rowsOf(type, direction)
    // The channels of hello and welcome are described where subscribe and subscribed are.
    const answers =
      direction === 'client' ? rowsOf('subscribe', direction) : rowsOf('subscribed', direction)
    const missing = [...fieldsOf(schema)].filter(
      (field) => !`${rows}${rows && answers}`.includes(`\`${field}\``),
    )
    expect(missing).toEqual([])
    expect(rows).not.toBe('')
  })

  test.each(frames)('names nothing that the %s does not send in %s', (direction, type, schema) => {
    const named = rowsOf(type, direction)
      .split('\n')
      .flatMap((row) =>
        [...(row.split('|')[2] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name),
      )
    const fields = fieldsOf(schema)
    expect(named.filter((name) => !fields.has(name ?? ''))).toEqual([])
  })

  test('has every close code with its name', () => {
    for (const [name, code] of Object.entries(CLOSE))
      expect(page).toContain(`| ${code} | \`${name}\` |`)
  })

  test('says what each verdict means', () => {
    for (const verdict of down.nack.entries.verdict.options)
      expect(page).toContain(`- \`verdict: "${verdict}"\``)
  })

  test('has the gap reasons, the limits and the name of the subprotocol', () => {
    for (const reason of gapReason.options) expect(page).toContain(`| \`${reason}\` |`)
    for (const limit of Object.values(limits)) expect(page).toContain(limit.toLocaleString('en'))
    expect(page).toContain(`\`${SUBPROTOCOL}\``)
  })

  test('has a section for every feature, a transcript of its frames, and no dead reference', () => {
    const sections = [...page.matchAll(/^## (\d+)\. (.+)$/gm)].map(([, number, title]) => {
      const anchor = title
        ?.toLowerCase()
        .replace(/[^a-z -]/g, '')
        .replaceAll(' ', '-')
      return `${number}. [${title}](#${number}-${anchor})`
    })
    expect([...page.matchAll(/^\d+\. \[.*$/gm)].map(([line]) => line)).toEqual(sections)
    for (const [, number] of page.matchAll(/§(\d+)/g)) {
      expect(Number(number)).toBeLessThanOrEqual(sections.length)
    }
    const transcripts = page.split('## 18. ')[1]
    for (const type of ['fetch', 'page', 'request', 'response', 'cancel', 'signal', 'presence']) {
      expect(transcripts).toContain(`["${type}",`)
    }
    for (const feature of ['pages', 'requests', 'signals', 'presence'])
      expect(page).toMatch(new RegExp(`\\| \`${feature}\` \\|.*§\\d+ \\|`))
  })

  test('shows only messages that the codec accepts', () => {
    const blocks = [...(page.split('## 18. ')[1] ?? '').matchAll(/```\n([\s\S]*?)```/g)].map(
      ([, block]) => block ?? '',
    )
    const messages = blocks
      .flatMap((block) => block.split(/\n(?=[<>] )/))
      .filter((text) => /^[<>] /.test(text))
    expect(messages.length).toBeGreaterThan(12)
    for (const message of messages) {
      const text = message.slice(2).replace(/\n {2}close.*\n?/, '')
      const decoded = message.startsWith('>') ? decodeUp(text, 1e6) : decodeDown(text, 1e6)
      expect(decoded.ok ? '' : `${decoded.violation.why}: ${text}`).toBe('')
    }
  })
})

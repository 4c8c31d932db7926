/**
 * Owns the reading of a Background Sync tag: it is the name of a line, letter for letter, or it is
 * somebody else's and none of our business.
 */
import { type LineAddress, lineName } from '../protocol/line-name.js'

const PREFIX = 'partyline:'

export function parseSyncTag(tag: string): LineAddress | undefined {
  if (!tag.startsWith(PREFIX)) return undefined
  const parts = parseJson(tag.slice(PREFIX.length))
  if (!Array.isArray(parts) || !parts.every((part) => typeof part === 'string')) return undefined
  const [url, identity] = parts as string[]
  if (url === undefined || !isWebSocketUrl(url)) return undefined
  const address = identity === undefined ? { url } : { url, identity }
  // Also refuses what JSON reads and we would never have written.
  return lineName(address) === tag ? address : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isWebSocketUrl = (url: string): boolean =>
  URL.canParse(url) && /^wss?:$/.test(new URL(url).protocol)

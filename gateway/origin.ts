/**
 * Owns which web pages may open a socket. Browsers send cookies with any page's WebSocket, so without
 * this check a stranger's page could speak for the user. Programs send no Origin and are let through:
 * they have no cookies to abuse.
 */
export type Origins = '*' | readonly string[] | undefined

/** Undefined: pages of the gateway's own host. */
export function isOriginAllowed(
  origins: Origins,
  origin: string | undefined,
  host: string | undefined,
): boolean {
  if (origin === undefined || origins === '*') return true
  if (origins) return origins.includes(origin)
  try {
    return new URL(origin).host === host?.toLowerCase()
  } catch {
    return false
  }
}

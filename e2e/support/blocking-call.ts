/**
 * Owns the synchronous call to the recorder, for pages and workers: when it returns, the recorder has
 * it; while it does not return, its caller stands exactly where it is. That is the point: a record
 * is never behind, and whoever is to be killed at a stage does not get past it.
 */
export function blockingCall(address: string, body?: unknown): string {
  const request = new XMLHttpRequest()
  request.open('POST', address, false)
  // Text needs no preflight.
  request.setRequestHeader('content-type', 'text/plain')
  request.send(body === undefined ? '' : JSON.stringify(body))
  return request.responseText
}

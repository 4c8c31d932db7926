/** What the three pages have in common: they show a channel, and let the visitor speak in it. */
export function show(connect) {
  const line = connect(new URLSearchParams(location.search).get('line'))
  const channel = line.channel('news')
  const seen = []
  channel.subscribe((payload) => seen.push(payload), { from: 'now' })
  line.status.subscribe((status) => {
    document.title = status.error ? `${status.state}: ${status.error.code}` : status.state
  })
  navigator.serviceWorker.register('/service-worker.js', { type: 'module' })
  window.app = { line, channel, seen }
}

/** One tab of the fan-out question: counts events, ours or a plain socket's, and nothing else. */
import { connect } from '/dist/page-client.js'

let seen = 0
let sum = 0
let waiting

function count({ n }) {
  sum += n
  seen += 1
  if (waiting && seen >= waiting.target) {
    waiting.resolve(performance.timeOrigin + performance.now())
    waiting = undefined
  }
}

/** From now on; `done` resolves with the time at which that many events have been seen. */
window.expectEvents = (more) => {
  seen = 0
  sum = 0
  window.done = new Promise((resolve) => {
    waiting = { target: more, resolve }
  })
}
window.sum = () => sum

window.openOurs = () =>
  new Promise((resolve) => {
    const line = connect({ url: '/line', worker: '/dist/worker.js' })
    const subscription = line.channel('bench').subscribe(count)
    const stop = setInterval(() => {
      if (!subscription.cursor) return
      clearInterval(stop)
      resolve()
    }, 10)
    window.stop = () => line.close()
  })

window.openPlain = () =>
  new Promise((resolve) => {
    const socket = new WebSocket(`ws://${location.host}/plain`)
    socket.onmessage = ({ data }) => count(JSON.parse(data).payload)
    socket.onopen = () => resolve()
    window.stop = () => socket.close()
  })

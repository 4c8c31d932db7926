/**
 * Owns the page without a driver: it asks a control server what to do, and does it. Served as it is,
 * with the types taken out; `partyline` is the built door.
 */
import { connect, type Line } from 'partyline'
import type {
  Command,
  LastWords,
  LineAddress,
  Order,
  Payload,
  Remainder,
  Report,
} from './commands.js'

const PATIENCE_MS = 10_000

const control = new URL(location.href).searchParams.get('control')
if (!control) throw new Error('no control server')
const socket = new WebSocket(control)
let line: Line | undefined

function theLine(): Line {
  if (!line) throw new Error('connect first')
  return line
}

function open({ url, identity }: LineAddress): Line {
  line = connect({ url, identity, worker: '/worker.js' })
  return line
}

function send({ channel, lanes, each }: LastWords): void {
  for (let number = 1; number <= each; number++) {
    for (const lane of lanes) {
      const payload: Payload = { lane, number }
      theLine().channel<Payload>(channel).publish(payload, { lane })
    }
  }
}

function whenDrained(lifeboats: string): Promise<Remainder | null> {
  const remainder = (): Remainder | null => {
    const { state, queued } = theLine().status.value
    const afloat = Object.keys(localStorage).filter((name) => name.startsWith(lifeboats)).length
    return state === 'online' && queued === 0 && afloat === 0 ? null : { state, queued, afloat }
  }
  return new Promise((resolve) => {
    const giveUpAt = performance.now() + PATIENCE_MS
    // A lifeboat that is emptied by this page tells this page nothing.
    const timer = setInterval(() => {
      const left = remainder()
      if (left && performance.now() < giveUpAt) return
      clearInterval(timer)
      resolve(left)
    }, 20)
  })
}

async function act(command: Command): Promise<unknown> {
  switch (command.do) {
    case 'list-locks': {
      const { held = [] } = await navigator.locks.query()
      return held.map(({ name }) => name)
    }
    case 'connect':
      return void open(command.address)
    case 'warm-up':
      return void (await theLine().channel(command.channel).publish('warm').done)
    case 'send-and-close':
      if (command.address) open(command.address)
      send(command.words)
      window.close()
      return undefined
    case 'drain':
      return whenDrained(command.lifeboats)
    case 'count-tabs': {
      const { state, tabs } = theLine().status.value
      return state === 'online' ? tabs : 0
    }
    case 'close':
      return window.close()
  }
}

socket.onmessage = ({ data }) => {
  const { id, ...command } = JSON.parse(data) as Order
  const tell = (report: Omit<Report, 'id'>): void => socket.send(JSON.stringify({ id, ...report }))
  act(command).then(
    (answer) => tell({ answer }),
    (error) => tell({ error: String(error) }),
  )
}

/**
 * Owns how what can be done to a world (act.ts) is done. Whoever it is about is found by a number of any
 * size among those who are there; if nobody is, nothing happens.
 */
import { CLOSE } from '../../protocol/wire/close-codes.js'
import { type Act, LANES } from './act.js'
import type { App } from './app.js'
import { tabEnds, workerDies, workerHangs } from './blows.js'
import { positionOf, publish, trim } from './server-side.js'
import { signOut } from './signing-out.js'
import { actInWords } from './words.js'
import { CHANNELS, type World } from './world.js'

const channelOf = (lane: number): (typeof CHANNELS)[number] => (lane < 2 ? 'a' : 'b')

const here = ({ apps }: World): readonly App[] =>
  apps.filter(({ tab, isLeaving }) => tab.state === 'here' && !isLeaving)
const chosen = <T>(from: readonly T[], who: number): T | undefined => from[who % (from.length || 1)]

export function play(world: World, act: Act): void | Promise<void> {
  const { apps, records, network, gateway, disks, browser, fate, scheduler } = world
  const isForAll = act.do === 'close' || act.do === 'crash' || act.do === 'come-back'
  const app = chosen(isForAll ? apps : here(world), act.who)
  const worker = chosen(browser.workers, act.who)
  const later = (ms: number, what: string, run: () => void): void => void fate.after(ms, what, run)
  const words = actInWords(act, {
    tab: app?.tab.name,
    worker: worker?.agent.thread.name,
    channel: 'channel' in act ? CHANNELS[act.channel] : undefined,
  })
  if (words !== undefined) records.tell(words)
  switch (act.do) {
    case 'open':
      return world.people.hasNames && !world.people.current ? undefined : void world.openTab()
    case 'sign-out':
      return app && signOut(world, app, act)
    case 'revoke-tokens':
      if (!world.people.hasNames) return
      world.people.revoke()
      gateway.door.clear({ code: CLOSE.unauthorized, after: 0, spread: 0, isSaid: true })
      return later(act.ms, 'apps have new tokens', world.people.tell)
    case 'send': {
      for (const { lane, kind, priority, ttl } of act.ops) {
        const key = world.next('op ')
        app?.send({
          key,
          channel: channelOf(lane),
          lane: LANES[lane] ?? 'a',
          kind,
          ...(priority && { priority }),
          ...(kind === 'short-lived' && { ttl }),
        })
        // Its tab may not have heard yet.
        if (app && world.people.cleared.has(app.home)) records.givenUp(app.tab.name, [key])
      }
      return act.thenClose && app ? tabEnds(world, app, 'closed') : undefined
    }
    case 'discard':
      return app?.discard()
    case 'subscribe': {
      const channel = CHANNELS[act.channel % CHANNELS.length] ?? 'a'
      const from = act.history ? 'last' : act.from === 'all' ? { after: '' } : act.from
      const { history, snapshotMs } = act
      return app?.subscribe({
        name: world.next('reader '),
        channel,
        from,
        history,
        position: snapshotMs ? () => positionOf(world, app, channel, snapshotMs) : undefined,
      })
    }
    case 'ask':
      return app?.ask(world.next('question '), act.ms)
    case 'consume': {
      const { takesMs, fails } = act
      const channel = CHANNELS[act.channel] ?? 'a'
      return app?.consume({ channel, consumer: 'clerk', takesMs, fails })
    }
    case 'stop':
      return app?.stop(act.who)
    case 'close':
    case 'crash':
      return app && tabEnds(world, app, act.do === 'close' ? 'closed' : 'crashed')
    case 'leave':
      if (app) records.inbox({ fact: 'tab-goes', tab: app.tab.name })
      return app?.tab.leave()
    case 'stick':
      if (app) records.inbox({ fact: 'tab-goes', tab: app.tab.name })
      return app?.tab.stick()
    case 'come-back':
      return comeBack(world, app)
    case 'hide':
      return app?.tab.hide()
    case 'show':
      return app?.tab.show()
    case 'kill-worker':
      return worker && workerDies(world, worker)
    case 'deploy':
      return browser.deploy(act.isLater)
    case 'ambush':
      return world.ambushes.lay(act)
    case 'hang-worker':
      return worker && workerHangs(world, worker, act.ms)
    case 'publish':
      return publish(world, CHANNELS[act.channel] ?? 'a', act.count)
    case 'trim':
      return trim(world, CHANNELS[act.channel] ?? 'a', act.keep)
    case 'cut':
      return network.cut()
    case 'silence':
      network.silence()
      return later(act.ms, 'the network works again', () => network.heal(act.isBroken))
    case 'network-down':
      network.reach = 'down'
      network.cut()
      return later(act.ms, 'the network is back', () => {
        network.heal(false)
        for (const { tab } of apps) tab.networkIsBack()
      })
    case 'crash-gateway':
      gateway.crash()
      network.listenerDied()
      return later(act.ms, 'the gateway starts', gateway.start)
    case 'drain-gateway': {
      void gateway.switchboard?.drain({ within: 500, spread: 500 })
      return later(act.ms, 'the gateway is replaced', () => {
        gateway.crash()
        network.listenerDied()
        gateway.start()
      })
    }
    case 'turn-away': {
      const { door } = gateway
      const { code, after, spread, isSaid, isForAll, ms } = act
      door.farewell = { code, after, spread, isSaid }
      if (isForAll) door.clear(door.farewell)
      return later(ms, 'the gateway lets people in', () => {
        door.farewell = undefined
      })
    }
    case 'idle-gateway':
      gateway.isIdle = true
      return later(act.ms, 'the gateway decides again', () => {
        gateway.isIdle = false
      })
    case 'lose-log':
      return loseLog(world, () => later(act.ms, 'the gateway starts', gateway.start))
    case 'disk':
      // What cannot be wiped is not signed out: a story of its own.
      if (world.people.hasNames) return
      records.isDiskDoubtful = true
      disks.fault = act.fault
      return later(act.ms, 'the disk works again', () => {
        disks.fault = 'none'
      })
    case 'sever-disk':
      if (world.people.hasNames) return
      records.isDiskDoubtful = true
      return disks.sever()
    case 'pause':
      world.isPaused = true
      return app?.tab.line.pause()
    case 'resume':
      return app?.tab.line.resume()
    case 'reconnect':
      return app?.tab.line.reconnect()
    case 'jump-clock':
      records.isClockDoubtful = true
      return scheduler.jumpWall(act.ms)
    case 'wait':
      world.quietUntil = scheduler.now + act.ms
      return later(act.ms, 'something is done again', () => {})
  }
}

async function loseLog({ gateway, network, records }: World, then: () => void): Promise<void> {
  gateway.crash()
  network.listenerDied()
  await gateway.loseLog()
  await records.watch(gateway.log, CHANNELS)
  records.inbox({ fact: 'emptied' })
  then()
}

export function comeBack({ records }: World, app: App | undefined): void {
  if (!app || app.tab.state === 'here') return
  records.inbox({ fact: 'tab-back', tab: app.tab.name })
  app.tab.comeBack()
}

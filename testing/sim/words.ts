/** Owns the sentences of a story: what was done, to whom, and what apps did and were told. Pure. */
import type { Fact as InboxFact } from '../../e2e/inbox-check/story.js'
import type { Fact as OutboxFact } from '../../e2e/outbox-check/story.js'
import type { Act } from './act.js'

export interface Concerned {
  readonly tab?: string | undefined
  readonly worker?: string | undefined
  readonly channel?: string | undefined
}

/** undefined: what follows from it is told anyway. */
export function actInWords(act: Act, who: Concerned): string | undefined {
  const { tab = 'nobody', worker = 'no worker', channel } = who
  switch (act.do) {
    case 'send':
    case 'subscribe':
    case 'ask':
    case 'consume':
    case 'stop':
    case 'discard':
    case 'sign-out':
      return undefined
    case 'revoke-tokens':
      return `no token is good any more, and apps know it in ${act.ms} ms`
    case 'open':
      return 'a tab is opened'
    case 'close':
    case 'crash':
      return `${tab} goes: ${act.do}`
    case 'leave':
      return `${tab} is frozen, or goes into the back/forward cache`
    case 'stick':
      return `${tab} is stuck`
    case 'come-back':
      return `${tab} comes back`
    case 'hide':
    case 'show':
      return `${tab} is ${act.do === 'hide' ? 'hidden' : 'seen'}`
    case 'kill-worker':
      return `${worker} is killed`
    case 'ambush':
      return `an ambush for whoever hears ${act.word}: ${act.blow}`
    case 'deploy':
      return `${act.isLater ? 'a later release' : 'another file'} of the worker is deployed`
    case 'hang-worker':
      return `${worker} hangs for ${act.ms} ms`
    case 'publish':
      return `the server publishes ${act.count} in ${channel}`
    case 'trim':
      return `${channel} is trimmed to ${act.keep}`
    case 'cut':
      return 'every connection breaks'
    case 'silence':
      return `nothing arrives for ${act.ms} ms${act.isBroken ? ', then connections break' : ''}`
    case 'network-down':
      return `no network for ${act.ms} ms`
    case 'crash-gateway':
      return `the gateway crashes, and starts again in ${act.ms} ms`
    case 'drain-gateway':
      return 'the gateway drains, and is replaced'
    case 'turn-away': {
      const { code, after, ms, isForAll } = act
      return `nobody is let in for ${ms} ms${isForAll ? ', and everybody has to go' : ''}: ${code}, after ${after} ms`
    }
    case 'idle-gateway':
      return `the gateway decides nothing for ${act.ms} ms`
    case 'lose-log':
      return `the gateway has lost its log, and starts again in ${act.ms} ms`
    case 'disk':
      return `the disk is ${act.fault} for ${act.ms} ms`
    case 'sever-disk':
      return 'the browser closes its databases'
    case 'pause':
    case 'resume':
    case 'reconnect':
      return `${tab} asks for: ${act.do}`
    case 'wait':
      return `nobody does anything for ${act.ms} ms`
    case 'jump-clock':
      return `the wall clock jumps by ${act.ms} ms`
  }
}

/** "tab 1: sent op 3 a publish". */
export function factInWords(fact: OutboxFact | InboxFact): string {
  const { fact: what, ...rest } = fact
  const { tab, ...more } = rest as { readonly tab?: string }
  const about = Object.values(more).map((value) =>
    typeof value === 'object' ? JSON.stringify(value) : String(value),
  )
  return `${tab === undefined ? '' : `${tab}: `}${[what, ...about].join(' ')}`
}

/**
 * Owns the handler of a consumer under test: it does with each event what its plan says, and writes
 * down every step. What it tells a diary is there before it goes on, whatever becomes of the tab.
 *
 * Served to the browser as it is, with the types taken out.
 */
import type { ConsumeInfo } from 'partyline'
import type { ConsumeChoices, HandlerPlan, Run } from './tab-api.js'

export interface HandlerOptions {
  readonly name: string
  readonly plan: HandlerPlan | undefined
  readonly diary: ConsumeChoices['diary']
  readonly runs: Run[]
  now(): number
}

export function handlerOf({ name, plan = {}, diary, runs, now }: HandlerOptions) {
  return async (payload: unknown, event: ConsumeInfo): Promise<void> => {
    const { channel, id, attempt, signal } = event
    const told = { tab: diary?.tab ?? '', channel, name, id, payload, attempt }
    const say = (what: Run['what']): void => {
      const run: Run = { ...told, what, at: now() }
      runs.push(run)
      if (diary) tell(diary.address, run)
    }
    say('begun')
    signal.addEventListener('abort', () => say('aborted'))
    if (!plan.only || plan.only.includes(payload)) {
      if (plan.hangs) await new Promise<never>(() => {})
      if (plan.takesMs) await new Promise((resolve) => setTimeout(resolve, plan.takesMs))
      if (attempt <= (plan.fails ?? 0)) {
        say('failed')
        throw new Error('failed, as planned')
      }
    }
    say('done')
  }
}

/** Synchronous: when it returns, the diary has it. */
function tell(address: string, run: Run): void {
  const request = new XMLHttpRequest()
  request.open('POST', `${address}/fact`, false)
  // Text needs no preflight.
  request.setRequestHeader('content-type', 'text/plain')
  request.send(JSON.stringify(run))
}

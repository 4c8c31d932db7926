/** `npm run sim`: so many runs from a seed on. */
import './no-finalizers.js'
import { createPlan } from './plan.js'
import { run } from './run.js'
import { shrink } from './shrink.js'

export async function main(args: readonly string[]): Promise<number> {
  const flag = (name: string, usual: number): number => {
    const at = args.indexOf(`--${name}`)
    return at < 0 ? usual : Number(args[at + 1])
  }
  const runs = flag('runs', 100)
  const seed = flag('seed', 1)
  const steps = flag('steps', 1_000)
  const at = args.indexOf('--without')
  const without = at < 0 ? [] : (args[at + 1] ?? '').split(',')
  const begun = performance.now()
  let all = 0
  let bad = 0
  for (let own = seed; own < seed + runs; own++) {
    const plan = createPlan(own, steps, without)
    const done = await run(own, plan, steps)
    all += done.steps
    if (done.complaints.length) {
      bad += 1
      console.log(own, done.steps, JSON.stringify(done.complaints.slice(0, 3)))
      if (args.includes('--shrink')) {
        const short = await shrink((p, n) => run(own, p, n), { plan, steps, run: done })
        console.log(JSON.stringify(short.plan))
        console.log(short.run.chronicle.join('\n'))
        console.log(short.run.complaints)
        if (args.includes('--trace'))
          for (const { at, thread, what } of short.run.trace)
            console.log(at.toFixed(1), thread, '|', what)
      } else if (args.includes('--trace'))
        for (const { at, thread, what } of done.trace) console.log(at.toFixed(1), thread, '|', what)
    }
  }
  const seconds = (performance.now() - begun) / 1000
  console.log(
    `${runs} runs, ${bad} bad, ${all} steps, ${Math.round(all / seconds)} steps/s, ${(seconds / runs).toFixed(3)} s a run`,
  )
  return bad ? 1 : 0
}

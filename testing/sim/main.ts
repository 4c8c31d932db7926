/**
 * `npm run sim -- --runs N --seed S --steps K`: so many runs with the seeds from S on, on all cores. Of a
 * run that breaks a promise it prints the seed, and the shortest story that still breaks it.
 *
 * `--without a,b` leaves out kinds of acts, `--shrink 0` the shortening, `--trace 1` prints every event,
 * `--first 1` ends with the first broken promise. A step is one event, or one act, and what follows from it at
 * once; `--steps` are those of the storm.
 */
import './no-finalizers.js'
import process from 'node:process'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { readFlags } from '../../e2e/support/flags.js'
import { createPlan } from './plan.js'
import { type Run, run } from './run.js'
import { shrink } from './shrink.js'

interface Order {
  readonly seeds: readonly number[]
  readonly steps: number
  readonly without: readonly string[]
  readonly isShrinking: boolean
  /** Not in full: where there are stories enough, the seed will do. */
  readonly isTold: boolean
  readonly isTracing: boolean
  /** Not zero: enough has been seen. A thread that is ended from outside takes SQLite down with it. */
  readonly enough: Int32Array
}

/** What a thread says of each run. */
interface Report {
  readonly steps: number
  /** Empty: every promise was kept. */
  readonly story: string
}

const PROGRESS_EVERY = 500
/** Nearly all of a run dies with it: in a large nursery it dies at once, and cheaply. */
const NURSERY_MB = 64
/** Whoever has read three stories mends something first. */
const STORIES_MAX = 3
/** Runs in a thread: what they leave behind in it goes with it. */
const THREAD_RUNS = 250

export async function main(args: readonly string[], self: string): Promise<number> {
  const flags = readFlags(args, {
    runs: 100,
    seed: 1,
    steps: 1_000,
    threads: 2,
    without: '',
    shrink: 1,
    trace: 0,
    first: 0,
  })
  const begun = performance.now()
  const seeds = Array.from({ length: flags.runs }, (_, index) => flags.seed + index)
  let runs = 0
  let bad = 0
  let steps = 0

  function heard(report: Report): void {
    runs += 1
    steps += report.steps
    if (report.story) bad += 1
    if (report.story) console.log(report.story)
    if (runs % PROGRESS_EVERY === 0) console.log(`${runs} runs`)
  }

  const enough = new Int32Array(new SharedArrayBuffer(4))

  const queue = Array.from({ length: Math.ceil(seeds.length / THREAD_RUNS) }, (_, part) =>
    seeds.slice(part * THREAD_RUNS, (part + 1) * THREAD_RUNS),
  )

  const work = (part: readonly number[]): Promise<void> =>
    new Promise((resolve, reject) => {
      const order: Order = {
        seeds: part,
        steps: flags.steps,
        without: flags.without.split(','),
        isShrinking: flags.shrink > 0,
        isTold: bad < STORIES_MAX,
        isTracing: flags.trace > 0,
        enough,
      }
      const worker = new Worker(self, {
        workerData: order,
        resourceLimits: { maxYoungGenerationSizeMb: NURSERY_MB },
      })
      worker.on('message', (report: Report) => {
        heard(report)
        if (flags.first && bad) Atomics.store(enough, 0, 1)
      })
      worker.on('error', reject)
      worker.on('exit', () => resolve())
    })
  const workAll = async (): Promise<void> => {
    for (let part = queue.shift(); part; part = queue.shift()) await work(part)
  }
  await Promise.all(Array.from({ length: flags.threads }, workAll))

  const seconds = (performance.now() - begun) / 1000
  const { user, system } = process.cpuUsage()
  const pace = Math.round(steps / seconds)
  const ownPace = Math.round(steps / ((user + system) / 1e6))
  console.log(
    `${runs} runs, ${bad} broke a promise; ${steps} steps, those of the calm behind each storm ` +
      `included, in ${seconds.toFixed(0)} s: ${pace} a second, ${ownPace} a second of processor time`,
  )
  return bad || runs < flags.runs ? 1 : 0
}

async function serve(order: Order): Promise<void> {
  let stories = 0
  for (const seed of order.seeds) {
    if (Atomics.load(order.enough, 0)) return
    const plan = createPlan(seed, order.steps, order.without)
    const whole = await run(seed, plan, order.steps)
    const [first] = whole.complaints
    const isToBeTold = order.isTold && first && ++stories <= STORIES_MAX
    const short = first ? `seed ${seed}: ${first.promise} ${first.what}: ${first.why}` : ''
    const story = isToBeTold ? await tell(order, seed, whole) : short
    parentPort?.postMessage({ steps: whole.steps, story } satisfies Report)
  }
}

async function tell(order: Order, seed: number, whole: Run): Promise<string> {
  const { steps, without, isShrinking, isTracing } = order
  const found = { plan: createPlan(seed, steps, without), steps, run: whole }
  const { run: told, plan } = isShrinking
    ? await shrink((part, upTo) => run(seed, part, upTo), found)
    : found
  const complaints = told.complaints
    .slice(0, 5)
    .map(({ promise, what, why }) => ` ${promise} ${what}: ${why}`)
  const trace = told.trace.map(({ at, thread, what }) => `${at.toFixed(1)} ${thread} | ${what}`)
  return [
    `seed ${seed}, ${plan.length} acts of ${found.plan.length}`,
    ...told.chronicle.map((line) => `   ${line}`),
    ...(isTracing ? trace : []),
    ...complaints,
    '',
  ].join('\n')
}

if (!isMainThread) await serve(workerData as Order)

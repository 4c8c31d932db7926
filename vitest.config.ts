/**
 * Runs the tests that lie beside the sources, in Node. Real browsers are Playwright's business.
 *
 * Time belongs to the tests: in the rooms that the simulation must be able to drive, a real timer is
 * an error (see scripts/no-real-timers.ts).
 */
import { defineConfig } from 'vitest/config'

/** For tests that hang, not for machines that are slow. */
const common = { environment: 'node', testTimeout: 60_000 } as const
const SEED = 'scripts/property-seed.ts'
const noRealTimers = 'scripts/no-real-timers.test.ts'

export default defineConfig({
  test: {
    watch: false,
    projects: [
      {
        test: {
          ...common,
          name: 'timeless',
          include: ['{protocol,worker,page-client,testing}/**/*.test.ts', noRealTimers],
          setupFiles: ['scripts/no-real-timers.ts', SEED],
        },
      },
      {
        test: {
          ...common,
          name: 'processes',
          include: ['{gateway,demo,e2e,scripts}/**/*.test.ts'],
          exclude: [noRealTimers],
          setupFiles: [SEED],
        },
      },
    ],
  },
})

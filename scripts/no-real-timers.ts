/**
 * Makes real time illegal in the unit tests of the timeless rooms: what waits there waits on a clock
 * that the test drives. A test that reaches for a real timer fails and names itself.
 *
 * The test runner keeps the timers that it took before this file ran, so its own timeouts work.
 */
for (const name of ['setTimeout', 'setInterval', 'setImmediate'] as const) {
  const forbidden = (): never => {
    throw new Error(`${name}: unit tests use no real timer, inject a clock`)
  }
  Object.assign(globalThis, { [name]: forbidden })
}

/** Owns the choice of the driver for an engine. */
import type { LaunchOptions, PlaywrightWorkerArgs } from '@playwright/test'
import type { Engine } from '../../scripts/engines.js'
import { findFirefox, findWebKit } from '../../scripts/find-browser.js'
import { createChromium } from './chromium.js'
import type { Driver } from './driver.js'
import { createFirefox } from './firefox.js'
import { createWebKit } from './webkit.js'

export interface DriverOptions {
  readonly playwright: PlaywrightWorkerArgs['playwright']
  readonly launchOptions: LaunchOptions
}

export function createDriver(engine: Engine, options: DriverOptions): Driver {
  switch (engine) {
    case 'chromium':
      return createChromium(options.playwright.chromium, options.launchOptions)
    case 'firefox':
      return createFirefox(found(findFirefox(), 'Firefox'))
    case 'webkit':
      return createWebKit(found(findWebKit(), 'WebKitGTK'))
  }
}

function found<Place>(place: Place | undefined, name: string): Place {
  if (place === undefined) throw new Error(`There is no ${name}: npm run test:browsers says more.`)
  return place
}

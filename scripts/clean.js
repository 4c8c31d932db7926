/** Removes what was built, so that a package never carries the files of yesterday's sources. */
import { rmSync } from 'node:fs'

rmSync('dist', { recursive: true, force: true })

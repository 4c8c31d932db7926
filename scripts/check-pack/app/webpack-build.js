/** Builds the three pages and the service worker with webpack as it comes, and puts public/ beside them. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import webpack from 'webpack'

const NAMES = ['own', 'default', 'copied']

webpack(
  {
    mode: 'production',
    entry: {
      ...Object.fromEntries(NAMES.map((name) => [name, `./src/${name}.js`])),
      'service-worker': './service-worker.js',
    },
    output: { path: resolve('dist'), filename: '[name].js', publicPath: '/' },
  },
  (error, stats) => {
    if (error || !stats || stats.hasErrors()) {
      console.error(error ?? stats?.toString())
      process.exitCode = 1
      return
    }
    for (const name of NAMES) {
      const page = readFileSync(`${name}.html`, 'utf8')
      writeFileSync(
        `dist/${name}.html`,
        page.replace(`type="module" src="/src/${name}.js"`, `defer src="/${name}.js"`),
      )
    }
    cpSync('public', 'dist', { recursive: true })
  },
)

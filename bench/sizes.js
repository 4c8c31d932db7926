/**
 * Asks: what does a page load? Each file as the build made it, minified and compressed as a server
 * would, everything included.
 */
import { readFile } from 'node:fs/promises'
import { brotliCompressSync, constants } from 'node:zlib'
import { minify } from 'vite'

const FILES = [
  { file: 'dist/page-client.js', limit: 17 * 1024 },
  { file: 'dist/worker.js', limit: 35 * 1024 },
  { file: 'dist/service-worker.js', limit: 28.5 * 1024 },
]

/** Bytes after minification and brotli. @param {string} file */
async function sizeOf(file) {
  const { code } = await minify(file, await readFile(file, 'utf8'), { module: true })
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY }
  return brotliCompressSync(code, { params }).length
}

/** Prints the sizes; the process fails if one is over its limit. */
export async function sizes() {
  const rows = await Promise.all(
    FILES.map(async ({ file, limit }) => ({ file, bytes: await sizeOf(file), limit })),
  )
  console.log('Sizes, min + brotli')
  console.table(rows)
  if (rows.some(({ bytes, limit }) => bytes > limit)) process.exitCode = 1
  return rows
}

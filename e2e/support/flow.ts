/**
 * Owns one direction of a proxied connection: bytes go in from one socket and come out of the other
 * in order, late, slowly, in slices or not at all.
 *
 * It keeps TCP's promise: while the path is a black hole nothing is lost, it only does not arrive;
 * what waits goes on when the hole closes, the end of the stream included.
 */
import type { Socket } from 'node:net'

export interface Path {
  /** Every chunk arrives this much later. */
  readonly delayMs: number
  /** The most that passes in a second. */
  readonly bytesPerSecond: number
  /** Chunks are cut to this size, so that a reader sees frames torn apart. */
  readonly sliceBytes: number
  /** Nothing arrives, and nobody is told. */
  readonly blackhole: boolean
}

export const CLEAR: Path = {
  delayMs: 0,
  bytesPerSecond: Infinity,
  sliceBytes: Infinity,
  blackhole: false,
}

export interface Flow {
  /** The path has changed: what waits follows the new one. */
  changed(): void
  close(): void
}

interface Parcel {
  /** `null` is the end of the stream. */
  readonly bytes: Buffer | null
  readonly arrived: number
}

/** Past this a reader is told to wait, as a full socket buffer would. */
const WAITING_MAX = 4 * 1024 * 1024

export function createFlow(from: Socket, to: Socket, path: () => Path): Flow {
  const waiting: Parcel[] = []
  let waitingBytes = 0
  /** When the throttled line is free again. */
  let freeAt = 0
  let timer: NodeJS.Timeout | undefined

  function enter(bytes: Buffer | null): void {
    const arrived = performance.now()
    if (bytes)
      for (const slice of sliced(bytes, path().sliceBytes)) waiting.push({ bytes: slice, arrived })
    else waiting.push({ bytes, arrived })
    waitingBytes += bytes?.length ?? 0
    if (waitingBytes > WAITING_MAX) from.pause()
    leave()
  }

  function leave(): void {
    clearTimeout(timer)
    for (;;) {
      const next = waiting[0]
      const { blackhole, delayMs, bytesPerSecond, sliceBytes } = path()
      if (!next || blackhole || to.destroyed) return
      const wait = Math.max(next.arrived + delayMs, freeAt) - performance.now()
      if (wait > 0) {
        timer = setTimeout(leave, wait)
        return
      }
      waiting.shift()
      if (!next.bytes) {
        to.end()
        return
      }
      waitingBytes -= next.bytes.length
      freeAt = Math.max(freeAt, performance.now()) + (next.bytes.length / bytesPerSecond) * 1000
      to.write(next.bytes)
      if (waitingBytes <= WAITING_MAX && from.isPaused()) from.resume()
      if (sliceBytes !== Infinity) {
        // A turn of its own for every slice, or the kernel hands the reader all of them at once.
        timer = setTimeout(leave, 1)
        return
      }
    }
  }

  from.on('data', enter)
  from.on('end', () => enter(null))
  return {
    changed: leave,
    close: () => clearTimeout(timer),
  }
}

function sliced(bytes: Buffer, size: number): readonly Buffer[] {
  if (bytes.length <= size) return [bytes]
  const slices: Buffer[] = []
  for (let at = 0; at < bytes.length; at += size) slices.push(bytes.subarray(at, at + size))
  return slices
}

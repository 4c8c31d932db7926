/**
 * Owns promises that are settled from outside. A rejection that nobody listens to is not an unhandled
 * one: the app may watch the outbox instead (P5).
 */
export interface Resolvers<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(reason: Error): void
}

export function quietly<T>(): Resolvers<T> {
  const resolvers = {} as { resolve: (value: T) => void; reject: (reason: Error) => void }
  const promise = new Promise<T>((resolve, reject) => Object.assign(resolvers, { resolve, reject }))
  promise.catch(() => {})
  return { promise, ...resolvers }
}

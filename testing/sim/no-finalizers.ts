/**
 * Owns nothing: where it is imported first, Comlink finds no finalizers. When a proxy is collected is the
 * engine's secret, and a simulation has none.
 */
Reflect.deleteProperty(globalThis, 'FinalizationRegistry')

/**
 * Owns the names of what a server may offer beyond events and operations. The broker understands all
 * of it and says so in its hello; it asks only for what the server has listed in its welcome.
 */
export const FEATURES = ['pages', 'requests', 'signals', 'presence'] as const

export type Feature = (typeof FEATURES)[number]

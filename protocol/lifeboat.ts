/**
 * Owns how much the lifeboats of one line hold (P14): the page keeps to it, and the broker has that much
 * room beyond its limits, so that what was kept safe is not refused for want of it. No behaviour.
 */
export const LIFEBOAT = { operations: 1_000, characters: 1024 * 1024 } as const

/**
 * Owns the border to the app's own code: what it throws goes to where problems are told, and never
 * into ours, where it would take the rest of a parcel with it (P6).
 */
export function guarded(run: () => void, problem: (cause: unknown) => void): void {
  try {
    run()
  } catch (cause) {
    problem(cause)
  }
}

/**
 * Owns the little movement when cards change places: measure, change, let each card glide from where
 * it was. Nothing moves for those who have asked for less motion, or in a hidden tab.
 */
const GLIDE: KeyframeAnimationOptions = { duration: 190, easing: 'cubic-bezier(.2,.7,.2,1)' }

/** `elements` is asked twice: before the change and after it. */
export function glide(
  elements: () => readonly (readonly [id: string, element: HTMLElement])[],
  change: () => void,
): void {
  if (document.hidden || matchMedia('(prefers-reduced-motion: reduce)').matches) return change()
  const before = new Map(
    elements().map(([id, element]) => [id, element.getBoundingClientRect()] as const),
  )
  change()
  for (const [id, element] of elements()) {
    const from = before.get(id)
    if (!from) {
      element.animate([{ opacity: 0, transform: 'scale(.96) translateY(4px)' }, {}], GLIDE)
      continue
    }
    const to = element.getBoundingClientRect()
    const [x, y] = [from.left - to.left, from.top - to.top]
    if (x || y) element.animate([{ transform: `translate(${x}px, ${y}px)` }, {}], GLIDE)
  }
}

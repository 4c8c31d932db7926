/**
 * Owns the making of elements: tag, attributes, children. Small enough to read instead of learning
 * a framework; what changes later is changed by whoever made it.
 */
export type Child = Node | string | false | undefined

export interface Attributes {
  readonly class?: string
  readonly on?: {
    readonly [Type in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Type]) => void
  }
  readonly [name: string]: unknown
}

export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'on') continue
    setAttribute(element, name, value)
  }
  for (const [type, listener] of Object.entries(attributes.on ?? {})) {
    element.addEventListener(type, listener as (event: Event) => void)
  }
  element.append(...children.filter((child) => child !== false && child !== undefined))
  return element
}

/** Absent for undefined and false, empty for true. Touches the page only when something changed. */
export function setAttribute(element: Element, name: string, value: unknown): void {
  const text = value === true ? '' : value === false || value === undefined ? null : String(value)
  if (element.getAttribute(name) === text) return
  if (text === null) element.removeAttribute(name)
  else element.setAttribute(name, text)
}

/** Writes a text only when it changed, so that live regions and selections are left alone. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

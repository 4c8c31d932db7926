/** Owns a binary heap: the least first. It knows nothing of what is in it. */
export interface Heap<T> {
  push(item: T): void
  pop(): T | undefined
  peek(): T | undefined
  /** In no order. */
  all(): readonly T[]
}

export function createHeap<T>(compare: (a: T, b: T) => number): Heap<T> {
  const items: T[] = []
  const isLess = (a: number, b: number): boolean => {
    const left = items[a]
    const right = items[b]
    return left !== undefined && right !== undefined && compare(left, right) < 0
  }

  function swap(a: number, b: number): void {
    const left = items[a]
    const right = items[b]
    if (left === undefined || right === undefined) return
    items[a] = right
    items[b] = left
  }

  return {
    push(item) {
      items.push(item)
      for (let at = items.length - 1; at > 0; ) {
        const parent = (at - 1) >> 1
        if (!isLess(at, parent)) return
        swap(at, parent)
        at = parent
      }
    },
    pop() {
      const first = items[0]
      const last = items.pop()
      if (items.length && last !== undefined) items[0] = last
      for (let at = 0; ; ) {
        const left = 2 * at + 1
        const least = isLess(left + 1, left) ? left + 1 : left
        if (!isLess(least, at)) return first
        swap(least, at)
        at = least
      }
    },
    peek: () => items[0],
    all: () => items,
  }
}

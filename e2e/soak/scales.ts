/** Owns the way from minutes and amounts to places on a drawing, and the round numbers beside it. Pure. */
export interface Place {
  readonly x: number
  readonly y: number
}

export interface Panel {
  readonly bottom: number
  /** The amount at its upper edge. */
  readonly highest: number
  place(minute: number, amount: number): Place
}

export interface PanelOptions {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly height: number
  readonly widest: number
  readonly highest: number
}

export function panel({ left, right, top, height, widest, highest }: PanelOptions): Panel {
  const bottom = top + height
  return {
    bottom,
    highest,
    place: (minute, amount) => ({
      x: brief(left + (minute / widest) * (right - left)),
      y: brief(bottom - (amount / highest) * height),
    }),
  }
}

export const points = (places: readonly Place[]): string =>
  places.map(({ x, y }, index) => `${index ? 'L' : 'M'}${x} ${y}`).join('')

/** Round numbers from 0 up to `highest`, at most so many beside the first. */
export function ticks(highest: number, atMost: number): readonly number[] {
  const size = 10 ** Math.floor(Math.log10(highest / atMost))
  const step = [1, 2, 5, 10].map((one) => one * size).find((one) => highest / one <= atMost)
  if (step === undefined) return [0]
  return Array.from({ length: Math.floor(highest / step) + 1 }, (_, index) => brief(index * step))
}

const brief = (number: number): number => Math.round(number * 100) / 100

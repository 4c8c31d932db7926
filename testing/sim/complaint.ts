/** Owns what an oracle says when a promise is broken. No behaviour. */
export type PromiseNumber =
  | 'P1'
  | 'P2'
  | 'P3'
  | 'P4'
  | 'P5'
  | 'P6'
  | 'P7'
  | 'P8'
  | 'P9'
  | 'P10'
  | 'P11'
  | 'P12'
  | 'P13'
  | 'P14'

export interface Complaint {
  readonly promise: PromiseNumber
  readonly what: string
  readonly why: string
}

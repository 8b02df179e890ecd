import type { Local } from '../asm/function.js'

/** What a part computes at a time: a range of rows or of columns of one item; the locals may be changed. */
export interface Piece {
  readonly m: Local
  readonly n: Local
  /** Addresses of the first row, the first column and the first result. */
  readonly left: Local
  readonly right: Local
  readonly into: Local
}

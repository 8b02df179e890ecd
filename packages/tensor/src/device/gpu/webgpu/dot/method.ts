import type { DotPlan } from '../../../../program/routines.js'

/** The part of the result that a workgroup computes: rows and columns of threads, each with `blocks` times 4 x 4 numbers. */
export interface Tile {
  readonly rows: number
  readonly columns: number
  /** Blocks of four rows that a thread has. */
  readonly blocks: 1 | 2
}

/** How a product is computed. It says in what order numbers are added, so it depends on nothing but the sizes. */
export type Method =
  /** A thread for each element of the result. */
  | { readonly kind: 'direct' }
  /** Threads share the steps of the contraction: one operand has at most four rows, or columns. */
  | ({ readonly kind: 'vectors' } & Pieces)
  | ({ readonly kind: 'tiles'; readonly tile: Tile } & Pieces)

/** The contraction is cut into pieces of `length` steps that are summed by themselves. */
interface Pieces {
  readonly pieces: number
  readonly length: number
}

/** Workgroups that keep a GPU busy. */
const enough = 64
/** Steps that are worth a workgroup of their own, and more of them than are worth one thread. */
const worthwhile = 128
const short = 64

/** Cuts a long contraction where there are few workgroups. Pieces are multiples of 64 steps, so no step is taken apart. */
const cut = (k: number, groups: number): Pieces => {
  const wanted = Math.max(1, Math.min(Math.ceil(enough / groups), Math.floor(k / worthwhile)))
  const length = Math.ceil(k / wanted / 64) * 64
  return { pieces: Math.ceil(k / length), length }
}

/** Columns of the result of a workgroup that multiplies vectors, at least. */
export const vectorColumns = 16

export const tilesIn = ({ rows, columns, blocks }: Tile, m: number, n: number): number =>
  Math.ceil(m / (4 * rows * blocks)) * Math.ceil(n / (4 * columns))

const tileFor = ({ batch, m, n }: DotPlan): Tile => {
  if (m <= 16 && n > 16) return { rows: 4, columns: 16, blocks: 1 }
  if (n <= 16 && m > 16) return { rows: 16, columns: 4, blocks: 1 }
  const large: Tile = { rows: 16, columns: 16, blocks: 2 }
  if (m > 64 && batch * tilesIn(large, m, n) >= 2 * enough) return large
  const middle: Tile = { rows: 16, columns: 16, blocks: 1 }
  return batch * tilesIn(middle, m, n) >= enough / 2 ? middle : { rows: 8, columns: 8, blocks: 1 }
}

export const methodOf = (plan: DotPlan): Method => {
  const { batch, m, n, k } = plan
  const few = Math.min(m, n) <= 4
  if (k <= short && (few || m * n <= 256 || batch * m * n * k <= 1 << 14)) return { kind: 'direct' }
  if (few) return { kind: 'vectors', ...cut(k, batch * Math.ceil(Math.max(m, n) / vectorColumns)) }
  const tile = tileFor(plan)
  return { kind: 'tiles', tile, ...cut(k, batch * tilesIn(tile, m, n)) }
}

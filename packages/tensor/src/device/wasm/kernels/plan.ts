import type { Index, Kernel } from '../../../kernel/ir.js'
import type { Survey } from './dependence.js'

/** How the lanes of a kernel lie. */
export type Plan =
  /** No reduction: along the innermost axis. */
  | { readonly kind: 'map' }
  /** A reduction of few elements, written out; along the innermost axis of the grid. */
  | { readonly kind: 'unrolled'; readonly extents: readonly number[] }
  /** A reduction along its own loops. */
  | { readonly kind: 'along' }
  /** A reduction along the innermost axis of the grid. */
  | { readonly kind: 'across' }

/** Elements up to which a reduction is written out, and nodes of the expressions so written. */
const fewest = 9
const mostNodes = 64

/** What it costs to load four elements whose places along an axis follow an index. */
const loadCost = (x: Index, axis: number): number => {
  let cost = 0.25
  for (const { atom, factor } of x.terms) {
    if (atom.kind === 'axis') {
      if (atom.axis === axis) cost = Math.max(cost, factor === 1 || factor === -1 ? 1 : 4)
    } else if (dependsOn(atom.of, axis)) return 8
  }
  return cost
}
const dependsOn = (of: Index | object, axis: number): boolean =>
  'terms' in of &&
  (of as Index).terms.some(({ atom }) =>
    atom.kind === 'axis' ? atom.axis === axis : atom.kind === 'value' ? true : dependsOn(atom.of, axis),
  )

export const planKernel = (kernel: Kernel, { loads, calls }: Survey, outerAxes: number): Plan => {
  const { grid, reduce, accumulators } = kernel
  if (accumulators.length === 0) return { kind: 'map' }
  const literal = reduce.every((n) => typeof n === 'number') ? (reduce as readonly number[]) : null
  const length = literal?.reduce((a, b) => a * b, 1)
  const width = grid.length > outerAxes ? grid.at(-1)! : 1
  if (literal !== null && length! <= fewest && length! * (calls.length + loads.length) <= mostNodes)
    return { kind: 'unrolled', extents: literal }
  if (reduce.length === 0) return { kind: 'unrolled', extents: [] }
  if (grid.length === outerAxes) return { kind: 'along' }
  const inner = grid.length + reduce.length - 1
  const last = reduce.at(-1)!
  const scattered = reduce.length > 1 && !(typeof last === 'number' && last % 4 === 0)
  let [along, across] = [1, 1]
  for (const { at } of loads) {
    along += scattered ? 6 : loadCost(at, inner)
    across += loadCost(at, grid.length - 1)
  }
  if (length !== undefined && length < 64) along *= 1 + 16 / Math.max(1, length)
  if (typeof width === 'number' && width < 16) across *= 4 / Math.min(4, width) + 4 / width
  // Partial results are kept in memory.
  return { kind: along <= across + 1 ? 'along' : 'across' }
}

import type { TensorLike } from '../../core/array-ops.js'
import type { Tensor } from '../../core/tensor.js'
import { bind, bind1 } from '../../core/trace.js'
import { filled, placesBelow, positionsWhere, sizeFor } from '../indexing/compress.js'
import { add, bitwiseAnd, equal, logicalNot, subtract } from '../elementwise/elementwise.js'
import { slice, take } from '../indexing/indexing.js'
import { concatenate } from '../shape/join.js'
import { promoteOperands, toTensor } from '../operand.js'
import { max, min, sum } from '../reduce/reduce.js'
import { reshape } from '../shape/shape.js'
import { searchsorted } from './searchsorted.js'
import { sortedSlices, unique } from './unique.js'
import { where } from '../elementwise/where.js'

export interface SetOptions {
  /** Promises that neither operand repeats an element. */
  readonly assumeUnique?: boolean
  /** How many to return: needed inside traced functions. More are cut, fewer filled up. */
  readonly size?: number
  /** What fills up; the least of the result if absent, 0 in setdiff1d. */
  readonly fillValue?: number
}

const ravelled = (x: Tensor): Tensor => reshape(x, [x.size])
const pair = (fn: string, a: TensorLike, b: TensorLike): readonly [Tensor, Tensor] => {
  const [x, y] = promoteOperands(fn, [a, b]).map(ravelled)
  return [x!, y!]
}
const falses = (n: number): Tensor => bind1('full', [], { shape: [n], value: false, dtype: 'bool', weak: false })

export interface IsinOptions {
  /** Whether to tell the elements that are missing instead. */
  readonly invert?: boolean
  /** Accepted for NumPy's sake. */
  readonly assumeUnique?: boolean
}

/** Whether each element occurs among others; NaN never does. */
export const isin = (element: TensorLike, testElements: TensorLike, options: IsinOptions = {}): Tensor => {
  const [x, y] = promoteOperands('isin', [element, testElements])
  const among = y!.size === 0 || x!.size === 0 ? falses(x!.size) : occurs(ravelled(x!), ravelled(y!))
  return reshape(options.invert === true ? logicalNot(among) : among, x!.shape)
}

const occurs = (x: Tensor, y: Tensor): Tensor => {
  const sorted = bind1('sort', [y], { axis: 0 })
  return equal(take(sorted, searchsorted(sorted, x), { mode: 'clip' }), x)
}

/** The selected elements of a sorted array: the first `size`, then `fillValue`, or their least. */
const gathered = (fn: string, sorted: Tensor, selected: Tensor, options: SetOptions): Tensor => {
  const size = sizeFor(fn, options.size, selected)
  if (sorted.size === 0) return filled([size], options.fillValue ?? 0, sorted)
  const picked = take(sorted, positionsWhere(selected, size, 0), { mode: 'clip' })
  if (options.size === undefined || size === 0) return picked
  const valid = placesBelow(size, sum(selected), 1)
  if (options.fillValue !== undefined) return where(valid, picked, filled([size], options.fillValue, sorted))
  // With nothing selected there is no least element: 0 then.
  const greatest = max(where(valid, picked, filled([size], 0, sorted)))
  return where(valid, picked, min(where(valid, picked, greatest)))
}

/** The distinct elements of two arrays together, ascending. Without `size` not inside traced functions. */
export const union1d = (a: TensorLike, b: TensorLike, options: Omit<SetOptions, 'assumeUnique'> = {}): Tensor =>
  unique(concatenate([...pair('union1d', a, b)]), options)

/** The marks of elements that start a run of equals. NaN equals itself, as in `unique`. */
const distinct = (
  x: Tensor,
  assumeUnique: boolean | undefined,
): { readonly sorted: Tensor; readonly first: Tensor } => {
  const { sorted, first } = sortedSlices(x, true)
  return { sorted, first: assumeUnique === true ? logicalNot(falses(x.size)) : first }
}

/** The distinct elements of one array that do not occur in the other, ascending; with `assumeUnique` all of them, in their order. Without `size` not inside traced functions. */
export const setdiff1d = (a: TensorLike, b: TensorLike, options: SetOptions = {}): Tensor => {
  const [x, y] = [ravelled(toTensor('setdiff1d', a)), ravelled(toTensor('setdiff1d', b))]
  const { sorted, first } =
    options.assumeUnique === true ? { sorted: x, first: logicalNot(falses(x.size)) } : distinct(x, false)
  return gathered('setdiff1d', sorted, bitwiseAnd(first, isin(sorted, y, { invert: true })), {
    ...options,
    fillValue: options.fillValue ?? 0,
  })
}

/** Two arrays' distinct elements sorted together, those of the first before equal ones of the second, and where they are. */
const merged = (
  x: Tensor,
  y: Tensor,
  assumeUnique: boolean | undefined,
): { readonly sorted: Tensor; readonly counts: Tensor; readonly from: Tensor } => {
  const both = concatenate([x, y])
  const mark = (t: Tensor): Tensor => {
    if (assumeUnique === true || t.size === 0) return logicalNot(falses(t.size))
    const { first, order } = sortedSlices(t, true)
    return bind1('scatter', [first, order, first], { axes: [0], op: 'set' })
  }
  const repeats = logicalNot(concatenate([mark(x), mark(y)]))
  const positions = bind1('iota', [], { shape: [both.size], axis: 0, dtype: 'int32' })
  const [dropped, sorted, from] = bind('sort', [repeats, both, positions], { axis: 0, numKeys: 2 })
  return { sorted: sorted!, counts: logicalNot(dropped!), from: from! }
}

/** Elements of exactly one of two arrays, ascending. Without `size` not inside traced functions. */
export const setxor1d = (a: TensorLike, b: TensorLike, options: SetOptions = {}): Tensor => {
  const { sorted, counts } = merged(...pair('setxor1d', a, b), options.assumeUnique)
  const n = sorted.size
  if (n === 0) return gathered('setxor1d', sorted, falses(0), options)
  const repeats = bitwiseAnd(equal(slice(sorted, [1, null]), slice(sorted, [0, -1])), slice(counts, [1, null]))
  const twin = (edges: readonly Tensor[]): Tensor => logicalNot(concatenate([...edges]))
  const alone = bitwiseAnd(twin([falses(1), repeats]), twin([repeats, falses(1)]))
  return gathered('setxor1d', sorted, bitwiseAnd(alone, counts), options)
}

export interface IntersectOptions extends SetOptions {
  /** Also return where (int32) each occurs first in either array; their sizes where there is none. */
  readonly returnIndices?: boolean
}
/** One tensor, or with `returnIndices` three. */
export type IntersectResult<O> = O extends { readonly returnIndices: true } ? [Tensor, Tensor, Tensor] : Tensor

/** The distinct elements that occur in both arrays, ascending. Without `size` not inside traced functions. */
export const intersect1d = <const O extends IntersectOptions = {}>(
  a: TensorLike,
  b: TensorLike,
  options?: O,
): IntersectResult<O> => {
  const given: IntersectOptions = options ?? {}
  const [x, y] = pair('intersect1d', a, b)
  const { sorted, counts, from } = merged(x, y, given.assumeUnique)
  const n = sorted.size
  const shared =
    n === 0
      ? falses(0)
      : concatenate([
          bitwiseAnd(equal(slice(sorted, [1, null]), slice(sorted, [0, -1])), slice(counts, [1, null])),
          falses(1),
        ])
  const values = gathered('intersect1d', sorted, shared, given)
  if (given.returnIndices !== true) return values as IntersectResult<O>
  const size = values.size
  const at = positionsWhere(shared, size, n)
  const valid = placesBelow(size, sum(shared), 1)
  const place = (shift: number, start: number, missing: number): Tensor =>
    n === 0
      ? positionsWhere(shared, size, missing)
      : where(valid, subtract(take(from, add(at, shift), { mode: 'clip' }), start), missing).astype('int32')
  return [values, place(0, 0, x.size), place(1, x.size, y.size)] as unknown as IntersectResult<O>
}

import type { TensorLike } from '../../core/array-ops.js'
import { isFloat } from '../../core/dtype.js'
import { ShapeError } from '../../core/errors.js'
import { checkAxis, formatShape, sizeOf } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { bind, bind1 } from '../../core/trace.js'
import { filled, placesBelow, positionsWhere, sizeFor } from '../indexing/compress.js'
import { bitwiseAnd, logicalNot, notEqual, subtract } from '../elementwise/elementwise.js'
import { slice, take } from '../indexing/indexing.js'
import { concatenate } from '../shape/join.js'
import { toTensor } from '../operand.js'
import { any, cumsum, sum } from '../reduce/reduce.js'
import { moveaxis, reshape } from '../shape/shape.js'
import { where } from '../elementwise/where.js'

export interface UniqueOptions {
  /** The axis whose slices are compared; null (the default) compares the elements. */
  readonly axis?: number | null
  /** How many to return: needed inside traced functions. More are cut, fewer filled up. */
  readonly size?: number
  /** What fills up; the first of the result if absent. */
  readonly fillValue?: number
  /** Also return where (int32) each first occurs. */
  readonly returnIndex?: boolean
  /** Also return for each element its position (int32) in the result. */
  readonly returnInverse?: boolean
  /** Also return how often (int32) each occurs; 0 for what fills up. */
  readonly returnCounts?: boolean
  /** Whether NaN equals NaN (default). */
  readonly equalNan?: boolean
}

type Extra = 'returnIndex' | 'returnInverse' | 'returnCounts'
type Wanted<O, K extends Extra> = O extends { readonly [P in K]: true } ? [Tensor] : []
/** One tensor, or an array of them where more is asked for: values, index, inverse, counts. */
export type UniqueResult<O> = O extends { readonly [P in Extra]: { readonly [Q in P]: true } }[Extra]
  ? [Tensor, ...Wanted<O, 'returnIndex'>, ...Wanted<O, 'returnInverse'>, ...Wanted<O, 'returnCounts'>]
  : Tensor

/** The slices along axis 0 in lexicographic order, where each differs from the one before, and where it came from. */
export const sortedSlices = (
  t: Tensor,
  equalNan: boolean,
): { readonly sorted: Tensor; readonly first: Tensor; readonly order: Tensor } => {
  const n = t.shape[0]!
  const width = sizeOf(t.shape.slice(1))
  const rows = reshape(t, [n, width])
  const positions = bind1('iota', [], { shape: [n], axis: 0, dtype: 'int32' })
  const columns = Array.from({ length: width }, (_, i) => slice(rows, ':', i))
  const order = width === 0 ? positions : bind('sort', [...columns, positions], { axis: 0, numKeys: width })[width]!
  const sorted = take(t, order, { axis: 0, mode: 'clip' })
  if (n === 0) return { sorted, first: notEqual(positions, positions), order }
  const flat = reshape(sorted, [n, width])
  const [later, earlier] = [slice(flat, [1, null]), slice(flat, [0, -1])]
  const differs = notEqual(later, earlier)
  const both = (): Tensor => bitwiseAnd(notEqual(later, later), notEqual(earlier, earlier))
  const changes = isFloat(t.dtype) && equalNan ? bitwiseAnd(differs, logicalNot(both())) : differs
  const start = bind1('full', [], { shape: [1], value: true, dtype: 'bool', weak: false })
  return { sorted, first: concatenate([start, any(changes, { axis: 1 })]), order }
}

/**
 * The distinct elements (or slices along `axis`) in ascending order. Without `size` it reads the values, so it works
 * outside traced functions only and throws TraceError inside.
 */
export const unique = <const O extends UniqueOptions = {}>(x: TensorLike, options?: O): UniqueResult<O> => {
  const given: UniqueOptions = options ?? {}
  const t = toTensor('unique', x)
  const flat = given.axis === undefined || given.axis === null
  const axis = flat ? 0 : checkAxis('unique', given.axis as number, t.ndim)
  const moved = flat ? reshape(t, [t.size]) : moveaxis(t, axis, 0)
  const n = moved.shape[0]!
  if (n > 0 && moved.size === 0)
    throw new ShapeError(
      `unique: slices along axis ${axis} of shape ${formatShape(t.shape)} have no elements to compare`,
    )
  const { sorted, first, order } = sortedSlices(moved, given.equalNan !== false)
  const size = sizeFor('unique', given.size, first)
  if (n === 0 && size > 0 && given.fillValue === undefined)
    throw new RangeError(`unique: an empty array has no ${size} values; give { fillValue }`)
  const count = sum(first)
  const at = positionsWhere(first, size, 0)
  const shape = [size, ...moved.shape.slice(1)]
  const picked = n === 0 ? filled(shape, given.fillValue ?? 0, t) : take(sorted, at, { axis: 0, mode: 'clip' })
  const values =
    given.fillValue === undefined || given.size === undefined
      ? picked
      : where(placesBelow(size, count, shape.length), picked, filled(shape, given.fillValue, t))
  const results = [moveaxis(values, 0, axis)]
  if (given.returnIndex === true) results.push(n === 0 ? at : take(order, at, { mode: 'clip' }))
  if (given.returnInverse === true) {
    const numbers = subtract(cumsum(first), 1)
    const back = bind1('scatter', [numbers, order, numbers], { axes: [0], op: 'set' })
    results.push(flat ? reshape(back, t.shape) : back)
  }
  if (given.returnCounts === true) {
    const starts = positionsWhere(first, size + 1, n)
    results.push(subtract(slice(starts, [1, null]), slice(starts, [0, -1])))
  }
  return (results.length === 1 ? results[0]! : results) as UniqueResult<O>
}

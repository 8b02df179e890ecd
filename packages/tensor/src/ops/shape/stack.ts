import type { TensorLike } from '../../core/array-ops.js'
import { ShapeError } from '../../core/errors.js'
import { checkAxis, formatShape, type Shape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import { concatenate, split } from './join.js'
import { toTensor } from '../operand.js'
import { atleast1d, atleast2d, atleast3d } from './rearrange.js'
import { ravel, transpose } from './shape.js'

/** `concatenate` by its newer name. */
export const concat: typeof concatenate = concatenate

/** Arrays one above the other: along the first axis, those of one axis as rows. */
export const vstack = (arrays: readonly TensorLike[]): Tensor => concatenate(arrays.map(atleast2d))

/** Arrays side by side: along the second axis, or the only one. */
export const hstack = (arrays: readonly TensorLike[]): Tensor => {
  const wide = arrays.map(atleast1d)
  return concatenate(wide, { axis: wide[0]?.ndim === 1 ? 0 : 1 })
}

/** Arrays one behind the other: along the third axis. */
export const dstack = (arrays: readonly TensorLike[]): Tensor => concatenate(arrays.map(atleast3d), { axis: 2 })

/** Arrays side by side along the second axis, those of one axis as columns. */
export const columnStack = (arrays: readonly TensorLike[]): Tensor =>
  concatenate(
    arrays.map((x) => {
      const t = toTensor('columnStack', x)
      return t.ndim < 2 ? transpose(atleast2d(t)) : t
    }),
    { axis: 1 },
  )

/** `values` behind `x` along an axis; both in a row without one. */
export const append = (x: TensorLike, values: TensorLike, options: { readonly axis?: number | null } = {}): Tensor =>
  options.axis === undefined || options.axis === null
    ? concatenate([ravel(x), ravel(values)])
    : concatenate([x, values], { axis: options.axis })

/** Cuts an axis (0) into `parts` pieces whose sizes differ by one at most, the greater ones first; or before each given index. */
export const arraySplit = (
  x: TensorLike,
  parts: number | readonly number[],
  options: { readonly axis?: number } = {},
): Tensor[] => {
  const t = toTensor('arraySplit', x)
  if (typeof parts !== 'number') return split(t, parts, options)
  if (!Number.isInteger(parts) || parts < 1)
    throw new RangeError(`arraySplit: number of sections must be at least 1, got ${parts}`)
  const axis = checkAxis('arraySplit', options.axis ?? 0, t.ndim)
  const n = t.shape[axis]!
  const [each, more] = [Math.floor(n / parts), n % parts]
  return Array.from({ length: parts }, (_, k) => {
    const start = k * each + Math.min(k, more)
    const end = start + each + (k < more ? 1 : 0)
    const at = (own: number, other: (d: number) => number): Shape =>
      t.shape.map((d, i) => (i === axis ? own : other(d)))
    return bind1('slice', [t], { start: at(start, () => 0), limit: at(end, (d) => d), stride: t.shape.map(() => 1) })
  })
}

const splitAlong = (fn: string, axis: (ndim: number) => number, least: number) => {
  return (x: TensorLike, parts: number | readonly number[]): Tensor[] => {
    const t = toTensor(fn, x)
    if (t.ndim < least)
      throw new ShapeError(
        `${fn}: needs at least ${least} ${least === 1 ? 'axis' : 'axes'}, got shape ${formatShape(t.shape)}`,
      )
    return split(t, parts, { axis: axis(t.ndim) })
  }
}
type Splitter = (x: TensorLike, parts: number | readonly number[]) => Tensor[]
/** `split` along the first axis. */
export const vsplit: Splitter = splitAlong('vsplit', () => 0, 2)
/** `split` along the second axis, or the only one. */
export const hsplit: Splitter = splitAlong('hsplit', (ndim) => (ndim === 1 ? 0 : 1), 1)
/** `split` along the third axis. */
export const dsplit: Splitter = splitAlong('dsplit', () => 2, 3)

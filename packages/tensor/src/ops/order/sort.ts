import type { TensorLike } from '../../core/array-ops.js'
import { checkAxis } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { bind, bind1 } from '../../core/trace.js'
import { toTensor } from '../operand.js'
import { flip, reshape } from '../shape/shape.js'

export interface SortOptions {
  /** Default -1; null sorts all elements in a row. */
  readonly axis?: number | null
  readonly descending?: boolean
  /** Accepted for NumPy's sake: every sort here is stable. */
  readonly stable?: boolean
}

/** The operand and the axis that a sorting function works along. */
export const alongAxis = (
  fn: string,
  x: TensorLike,
  options: { readonly axis?: number | null },
): readonly [t: Tensor, axis: number] => {
  const t = toTensor(fn, x)
  return options.axis === null ? [reshape(t, [t.size]), 0] : [t, checkAxis(fn, options.axis ?? -1, t.ndim)]
}

/** Every element's place along an axis. */
export const positionsOf = (t: Tensor, axis: number): Tensor =>
  bind1('iota', [], { shape: [...t.shape], axis, dtype: 'int32' })

/** Ascending, NaN last; descending is its reverse, NaN first. */
export const sort = (x: TensorLike, options: SortOptions = {}): Tensor => {
  const [t, axis] = alongAxis('sort', x, options)
  const sorted = bind1('sort', [t], { axis })
  return options.descending === true ? flip(sorted, { axis }) : sorted
}

/** The positions (int32) whose elements are in order; equal elements keep theirs, also descending. */
export const argsort = (x: TensorLike, options: SortOptions = {}): Tensor => {
  const [t, axis] = alongAxis('argsort', x, options)
  const positions = positionsOf(t, axis)
  if (options.descending !== true) return bind('sort', [t, positions], { axis })[1]!
  // Sorting the mirror image keeps equal elements in their order when it is mirrored back.
  const mirrored = bind('sort', [flip(t, { axis }), flip(positions, { axis })], { axis })[1]!
  return flip(mirrored, { axis })
}

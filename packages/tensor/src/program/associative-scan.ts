import type { TensorLike } from '../core/array-ops.js'
import { ShapeError, StateError } from '../core/errors.js'
import { checkAxis, formatShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { slice } from '../ops/indexing/indexing.js'
import { concatenate, stack } from '../ops/shape/join.js'
import { toTensor } from '../ops/operand.js'
import { flip, reshape } from '../ops/shape/shape.js'
import { flatten, unflatten } from '../tree/tree.js'

export interface AssociativeScanOptions {
  /** The axis of every leaf that is scanned; default 0. */
  readonly axis?: number
  /** From the last to the first. */
  readonly reverse?: boolean
}

/** Elements in turn: a[0], b[0], a[1] ...; a may have one more. */
const interleave = (a: Tensor, b: Tensor, axis: number): Tensor => {
  const [m, n] = [a.shape[axis]!, b.shape[axis]!]
  const before = a.shape.slice(0, axis).map(() => ':')
  const pairs = stack([slice(a, ...before, [0, n]), b], { axis: axis + 1 })
  const turns = reshape(
    pairs,
    a.shape.map((d, i) => (i === axis ? 2 * n : d)),
  )
  return m === n ? turns : concatenate([turns, slice(a, ...before, [n, null])], { axis })
}

/**
 * Running results along an axis of an associative function of two trees of tensors, `f(earlier, later)`, which works on
 * whole stretches elementwise: combined in pairs, with about twice as many applications as elements, in a number of
 * rounds that grows with the logarithm of the length.
 */
export const associativeScan = <T>(
  f: (earlier: T, later: T) => T,
  elems: T,
  options: AssociativeScanOptions = {},
): T => {
  if (typeof f !== 'function') throw new TypeError(`associativeScan: needs a function, got ${typeof f}`)
  const [leaves, def] = flatten(elems)
  if (leaves.length === 0) return elems
  const tensors = leaves.map((x) => toTensor('associativeScan', x as TensorLike))
  const axis = checkAxis('associativeScan', options.axis ?? 0, tensors[0]!.ndim)
  const length = tensors[0]!.shape[axis]!
  if (tensors.some((t) => t.ndim <= axis || t.shape[axis] !== length))
    throw new ShapeError(
      `associativeScan: all leaves must have one length along axis ${axis}, got shapes ${tensors.map((t) => formatShape(t.shape)).join(', ')}`,
    )
  const cut = (t: Tensor, start: number, stop: number | null, step = 1): Tensor =>
    slice(t, ...t.shape.slice(0, axis).map(() => ':'), [start, stop, step])
  const combine = (a: readonly Tensor[], b: readonly Tensor[]): Tensor[] => {
    const [out, outDef] = flatten(f(unflatten(def, a) as T, unflatten(def, b) as T))
    if (!outDef.equals(def))
      throw new StateError(
        `associativeScan: the function must return the structure of its arguments, got ${String(outDef)} for ${String(def)}`,
      )
    return out.map((x, i) => {
      const t = toTensor('associativeScan', x as TensorLike)
      if (t.shape.join() !== a[i]!.shape.join())
        throw new ShapeError(
          `associativeScan: the function must return the shapes of its arguments, got ${formatShape(t.shape)} for ${formatShape(a[i]!.shape)}`,
        )
      return t
    })
  }
  const run = (xs: readonly Tensor[]): readonly Tensor[] => {
    const n = xs[0]!.shape[axis]!
    if (n < 2) return xs
    const odd = run(
      combine(
        xs.map((x) => cut(x, 0, n - 1, 2)),
        xs.map((x) => cut(x, 1, null, 2)),
      ),
    )
    const rest = xs.map((x) => cut(x, 2, null, 2))
    const even = n > 2 ? combine(n % 2 === 0 ? odd.map((x) => cut(x, 0, -1)) : odd, rest) : rest
    return xs.map((x, i) => interleave(concatenate([cut(x, 0, 1), even[i]!], { axis }), odd[i]!, axis))
  }
  const mirrored = (ts: readonly Tensor[]): readonly Tensor[] =>
    options.reverse === true ? ts.map((t) => flip(t, { axis })) : ts
  return unflatten(def, mirrored(run(mirrored(tensors)))) as T
}

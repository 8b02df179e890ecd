import type { TensorLike } from '../../core/array-ops.js'
import type { DType } from '../../core/dtype.js'
import { ShapeError } from '../../core/errors.js'
import { broadcastShapes, checkAxes, checkAxis, formatShape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import type { PrimitiveParams } from '../../primitives/primitive.js'
import { convert, promoteOperands } from '../operand.js'
import { widenOperands } from './preferred-type.js'
import { broadcastTo, expandDims, moveaxis, ravel, reshape, squeeze } from '../shape/shape.js'

const operands = (fn: string, a: TensorLike, b: TensorLike): readonly [Tensor, Tensor] => {
  const [x, y] = promoteOperands(fn, [a, b])
  return [x!, y!]
}

type Params = PrimitiveParams['dot_general']

/** The product as a primitive. Of bool it says whether some pair of elements holds. */
const contract = (x: Tensor, y: Tensor, contracted: Params['contract'], batch: Params['batch'] = [[], []]): Tensor => {
  const params = { contract: contracted, batch }
  if (x.dtype !== 'bool') return bind1('dot_general', [x, y], params)
  return convert(bind1('dot_general', [convert(x, 'int32'), convert(y, 'int32')], params), 'bool')
}

export interface DotGeneralOptions {
  /** Axes summed over: those of the left operand, then those of the right. */
  readonly contract: readonly [readonly number[], readonly number[]]
  /** Axes kept pairwise; they lead the result. */
  readonly batch?: readonly [readonly number[], readonly number[]]
  /** The dtype of sums and result; not narrower than the operands'. */
  readonly preferredElementType?: DType
}

/** The general tensor product: batch axes, then the rest of the left, then of the right operand. */
export const dotGeneral = (a: TensorLike, b: TensorLike, options: DotGeneralOptions): Tensor =>
  contract(
    ...widenOperands('dotGeneral', ...operands('dotGeneral', a, b), options.preferredElementType),
    options.contract,
    options.batch,
  )

/** The matrix product over the last two axes; leading axes broadcast; a 1-dimensional operand is a row on the left, a column on the right. */
export const matmul = (a: TensorLike, b: TensorLike): Tensor => {
  const [x, y] = operands('matmul', a, b)
  if (x.ndim === 0 || y.ndim === 0)
    throw new ShapeError(
      `matmul: operands must have at least one axis, got shapes ${formatShape(x.shape)} and ${formatShape(y.shape)}; use multiply for scalars`,
    )
  const k = x.shape[x.ndim - 1]!
  const row = y.ndim === 1 ? 0 : y.ndim - 2
  if (y.shape[row] !== k) {
    throw new ShapeError(
      `matmul: the last axis of ${formatShape(x.shape)} and axis ${y.ndim === 1 ? -1 : -2} of ${formatShape(y.shape)} must agree, got ${k} and ${y.shape[row]}`,
    )
  }
  if (x.ndim <= 2 && y.ndim <= 2) return contract(x, y, [[x.ndim - 1], [row]])
  // Without batch axes on the right, every leading axis of the left is just more rows.
  if (y.ndim <= 2) return contract(x, y, [[x.ndim - 1], [row]])
  const lead = broadcastShapes('matmul', [x.shape.slice(0, -2), y.shape.slice(0, -2)])
  const wide = (t: Tensor): Tensor => (t.ndim === 1 ? t : broadcastTo(t, [...lead, ...t.shape.slice(-2)]))
  const [l, r] = [wide(x), wide(y)]
  const axes = lead.map((_, i) => i)
  if (l.ndim === 1) return contract(r, l, [[r.ndim - 2], [0]])
  return contract(l, r, [[l.ndim - 1], [r.ndim - 2]], [axes, axes])
}

/** As NumPy's dot: the last axis of the left with the second last of the right; no broadcasting. */
export const dot = (a: TensorLike, b: TensorLike): Tensor => {
  const [x, y] = operands('dot', a, b)
  if (x.ndim === 0 || y.ndim === 0) return bind1('mul', [x, y], null)
  return contract(x, y, [[x.ndim - 1], [y.ndim === 1 ? 0 : y.ndim - 2]])
}

/** Sums over the last `axes` of the left and the first of the right, or over the given pairs of axes. */
export const tensordot = (
  a: TensorLike,
  b: TensorLike,
  options: { readonly axes?: number | readonly [readonly number[], readonly number[]] } = {},
): Tensor => {
  const [x, y] = operands('tensordot', a, b)
  const axes = options.axes ?? 2
  const contracted: Params['contract'] =
    typeof axes === 'number'
      ? [Array.from({ length: axes }, (_, i) => x.ndim - axes + i), Array.from({ length: axes }, (_, i) => i)]
      : [
          axes[0].map((i) => checkAxes('tensordot', i, x.ndim)[0]!),
          axes[1].map((i) => checkAxes('tensordot', i, y.ndim)[0]!),
        ]
  return contract(x, y, contracted)
}

/** Every product of an element of one with an element of the other. */
export const outer = (a: TensorLike, b: TensorLike): Tensor => {
  const [x, y] = operands('outer', a, b)
  return bind1('mul', [reshape(x, [x.size, 1]), reshape(y, [1, y.size])], null)
}

/** Sums over the last axis of both. */
export const inner = (a: TensorLike, b: TensorLike): Tensor => {
  const [x, y] = operands('inner', a, b)
  if (x.ndim === 0 || y.ndim === 0) return bind1('mul', [x, y], null)
  return contract(x, y, [[x.ndim - 1], [y.ndim - 1]])
}

/** The sum of products of all elements of two arrays of one size, whatever their shapes. */
export const vdot = (a: TensorLike, b: TensorLike): Tensor => {
  const [x, y] = operands('vdot', a, b)
  if (x.size !== y.size)
    throw new ShapeError(
      `vdot: operands must have one size, got shapes ${formatShape(x.shape)} and ${formatShape(y.shape)}`,
    )
  return contract(ravel(x), ravel(y), [[0], [0]])
}

/** The sum of products along one axis of both; the other axes broadcast. */
export const vecdot = (a: TensorLike, b: TensorLike, options: { readonly axis?: number } = {}): Tensor => {
  const axis = options.axis ?? -1
  const [x, y] = operands('vecdot', a, b).map((t) =>
    t.ndim === 0 ? t : moveaxis(t, checkAxis('vecdot', axis, t.ndim), -1),
  ) as [Tensor, Tensor]
  const [n, m] = [x.shape.at(-1), y.shape.at(-1)]
  if (n === undefined || n !== m)
    throw new ShapeError(
      `vecdot: operands must have one extent along axis ${axis}, got ${n ?? 'no axis'} and ${m ?? 'no axis'}`,
    )
  return squeeze(matmul(expandDims(x, -2), expandDims(y, -1)), { axis: [-2, -1] })
}

/** Kronecker's product: every element of the left times the whole right operand, in blocks. */
export const kron = (a: TensorLike, b: TensorLike): Tensor => {
  const [x, y] = operands('kron', a, b)
  const ndim = Math.max(x.ndim, y.ndim)
  const extents = (t: Tensor): number[] => [...Array.from({ length: ndim - t.ndim }, () => 1), ...t.shape]
  const [left, right] = [extents(x), extents(y)]
  const product = bind1(
    'mul',
    [
      reshape(
        x,
        left.flatMap((n) => [n, 1]),
      ),
      reshape(
        y,
        right.flatMap((n) => [1, n]),
      ),
    ],
    null,
  )
  return reshape(
    product,
    left.map((n, i) => n * right[i]!),
  )
}

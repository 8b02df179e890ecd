import type { TensorLike } from '../../core/array-ops.js'
import type { DType } from '../../core/dtype.js'
import { ShapeError } from '../../core/errors.js'
import { formatShape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import { convResult, dilated, type Padding } from '../../primitives/conv.js'
import type { PrimitiveParams } from '../../primitives/primitive.js'
import { type DimensionNumbers, type ConvLayout, convLayout, featuresFirst, featuresLast } from './conv-layout.js'
import { promoteOperands } from '../operand.js'
import { widenOperands } from './preferred-type.js'
import { flip, swapaxes, transpose } from '../shape/shape.js'
import { perAxis, type WindowPadding, windowPadding } from './window-padding.js'

export interface ConvTransposeOptions {
  /** Spreads the kernel apart: one number for all spatial axes or one for each. */
  readonly rhsDilation?: number | readonly number[]
  readonly dimensionNumbers?: DimensionNumbers
  /** Take the kernel as the convolution has it whose gradient this is: flipped, features in and out exchanged. */
  readonly transposeKernel?: boolean
  /** The dtype of sums and result; not narrower than the operands'. */
  readonly preferredElementType?: DType
}

export interface ConvOptions extends Omit<ConvTransposeOptions, 'transposeKernel'> {
  /** Spreads the operand apart, which makes a transposed convolution. */
  readonly lhsDilation?: number | readonly number[]
  /** Cuts the features into groups that do not see each other. */
  readonly groups?: number
  /** Cuts the batch into groups that meet different parts of the kernel. */
  readonly batchGroups?: number
}

const operands = (
  fn: string,
  x: TensorLike,
  k: TensorLike,
  preferred: DType | undefined,
): readonly [Tensor, Tensor] => {
  const [lhs, rhs] = promoteOperands(fn, [x, k]) as [Tensor, Tensor]
  if (lhs.ndim !== rhs.ndim || lhs.ndim < 2)
    throw new ShapeError(
      `${fn}: the operand and the kernel must have the same number of axes, 2 or more, got shapes ${formatShape(lhs.shape)} and ${formatShape(rhs.shape)}`,
    )
  return widenOperands(fn, lhs, rhs, preferred)
}

const checkSpatial = (fn: string, what: string, list: readonly unknown[], spatial: number): void => {
  if (list.length !== spatial)
    throw new ShapeError(
      `${fn}: ${what} must have one entry for each of ${spatial} spatial axes, got ${JSON.stringify(list)}`,
    )
}

type Params = PrimitiveParams['conv_general_dilated']

/** The primitive on operands in any layout. */
const convolve = (fn: string, x: Tensor, k: Tensor, layout: ConvLayout, params: Params): Tensor => {
  const [lhs, rhs] = [transpose(x, layout.lhs), transpose(k, layout.rhs)]
  // For errors that name the function.
  convResult(fn, lhs.aval, rhs.aval, params)
  const result = bind1('conv_general_dilated', [lhs, rhs], params)
  return transpose(
    result,
    result.shape.map((_, i) => layout.out.indexOf(i)),
  )
}

const at = (shape: readonly number[], axes: readonly number[]): number[] => axes.map((a) => shape[a]!)

/**
 * The convolution of a batch `x` with a kernel `k` in any number of spatial axes (correlation, as networks have it: the
 * kernel is not flipped). `strides` is one number or one per spatial axis. Without `dimensionNumbers` x and the result are
 * [batch, features, ...spatial] and the kernel is [out, in, ...spatial]. float32 is summed in float64 on 'js'. Throws
 * ShapeError where shapes, groups or padding do not fit, DtypeError for bool.
 */
export const convGeneralDilated = (
  x: TensorLike,
  k: TensorLike,
  strides: number | readonly number[],
  padding: WindowPadding,
  options: ConvOptions = {},
): Tensor => {
  const fn = 'convGeneralDilated'
  const [lhs, rhs] = operands(fn, x, k, options.preferredElementType)
  const spatial = lhs.ndim - 2
  const layout = convLayout(fn, options.dimensionNumbers ?? featuresFirst(spatial), lhs.ndim)
  const steps = perAxis(strides, spatial)
  const lhsDilation = perAxis(options.lhsDilation, spatial)
  const rhsDilation = perAxis(options.rhsDilation, spatial)
  checkSpatial(fn, 'strides', steps, spatial)
  checkSpatial(fn, 'lhsDilation', lhsDilation, spatial)
  checkSpatial(fn, 'rhsDilation', rhsDilation, spatial)
  if (typeof padding === 'string' && lhsDilation.some((d) => d !== 1))
    throw new ShapeError(
      `${fn}: padding '${padding}' has no meaning with lhsDilation [${lhsDilation.join(', ')}]; give pairs of numbers or use convTranspose`,
    )
  const window = at(rhs.shape, layout.rhs.slice(0, spatial)).map((n, i) => dilated(n, rhsDilation[i]!))
  const pairs = windowPadding(fn, padding, at(lhs.shape, layout.lhs.slice(1, -1)), window, steps)
  checkSpatial(fn, 'padding', pairs, spatial)
  return convolve(fn, lhs, rhs, layout, {
    strides: steps,
    padding: pairs,
    lhsDilation,
    rhsDilation,
    groups: options.groups ?? 1,
    batchGroups: options.batchGroups ?? 1,
  })
}

/** What a forward convolution's padding leaves to do on the way back, for a window of extent `k`. */
const transposePadding = (k: number, stride: number, padding: 'SAME' | 'VALID'): Padding => {
  const total = k + stride - 2 + (padding === 'VALID' ? Math.max(k - stride, 0) : 0)
  const low = padding === 'VALID' || stride > k - 1 ? k - 1 : Math.ceil(total / 2)
  return [low, total - low]
}

/**
 * The transposed convolution, or fractionally strided: the operand is spread apart by `strides`, so that extents grow by
 * them. `padding` 'SAME' and 'VALID' mean that of the forward convolution; pairs pad the spread operand as they are.
 * Without `dimensionNumbers` x and the result are [batch, ...spatial, features] and the kernel is [...spatial, in, out].
 */
export const convTranspose = (
  x: TensorLike,
  k: TensorLike,
  strides: number | readonly number[],
  padding: 'SAME' | 'VALID' | readonly Padding[],
  options: ConvTransposeOptions = {},
): Tensor => {
  const fn = 'convTranspose'
  const [lhs, rhs] = operands(fn, x, k, options.preferredElementType)
  const spatial = lhs.ndim - 2
  const layout = convLayout(fn, options.dimensionNumbers ?? featuresLast(spatial), lhs.ndim)
  const steps = perAxis(strides, spatial)
  const rhsDilation = perAxis(options.rhsDilation, spatial)
  checkSpatial(fn, 'strides', steps, spatial)
  checkSpatial(fn, 'rhsDilation', rhsDilation, spatial)
  if (typeof padding === 'string' && padding !== 'SAME' && padding !== 'VALID')
    throw new ShapeError(`${fn}: unknown padding, got '${String(padding)}'; use 'SAME', 'VALID' or pairs of numbers`)
  const windowAxes = layout.rhs.slice(0, spatial)
  const window = at(rhs.shape, windowAxes).map((n, i) => dilated(n, rhsDilation[i]!))
  const pairs = typeof padding === 'string' ? window.map((n, i) => transposePadding(n, steps[i]!, padding)) : padding
  checkSpatial(fn, 'padding', pairs, spatial)
  const [inAxis, outAxis] = [layout.rhs[spatial]!, layout.rhs[spatial + 1]!]
  const kernel = options.transposeKernel === true ? swapaxes(flip(rhs, { axis: windowAxes }), inAxis, outAxis) : rhs
  return convolve(fn, lhs, kernel, layout, {
    strides: steps.map(() => 1),
    padding: pairs,
    lhsDilation: steps,
    rhsDilation,
    groups: 1,
    batchGroups: 1,
  })
}

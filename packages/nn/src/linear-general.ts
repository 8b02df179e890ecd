import { type Layer, Module, type Param, VariableMetadata } from '@linum/graph'
import { add, reshape, ShapeError, type Shape, type Tensor, type TensorLike } from '@linum/tensor'
import { checkAxis, formatShape, sizeOf } from '@linum/tensor/core'
import type { Initializer } from './initializers/initializer.js'
import { zeros } from './initializers/constant.js'
import { defaultKernelInit, type DotGeneral, type LinearOptions, product, productOptions } from './linear.js'
import { numberOperand } from './operand.js'
import { checkExtent, computation, parameterMaker } from './parameter.js'
import { type FloatDType, promoted, type PromoteDtype } from './promote-dtype.js'

export interface LinearGeneralOptions extends LinearOptions {
  /** The axes of x that are multiplied with the kernel; the last by default. */
  readonly axis?: number | readonly number[]
  /** Extents of leading axes of x that have a kernel for each of their indices, by axis: `{ 0: 5 }`. */
  readonly batchAxis?: Readonly<Record<number, number>>
}

const listOf = (x: number | readonly number[]): readonly number[] => (typeof x === 'number' ? [x] : [...x])

const batchShape = (batchAxis: Readonly<Record<number, number>>): Shape => {
  const axes = Object.keys(batchAxis).map(Number)
  if (axes.some((axis, i) => axis !== i))
    throw new RangeError(
      `LinearGeneral: batchAxis must name consecutive leading axes from 0 on, got ${axes.join(', ')}`,
    )
  return Object.values(batchAxis).map((n) => checkExtent('LinearGeneral', 'batchAxis', n))
}

/** An initializer of a matrix or vector, for parameters of more axes: what counts as in and out is flattened. */
const flattened =
  (init: Initializer, ...parts: readonly Shape[]): Initializer =>
  (key, shape, options) => {
    const value: unknown = init(key, parts.map(sizeOf), options)
    return value instanceof VariableMetadata
      ? (new VariableMetadata(reshape(value, shape), value.metadata) as never)
      : reshape(value as Tensor, shape)
  }

/**
 * A linear map over several axes of x at once. Axes of x that are neither `axis` nor `batchAxis` lead the result, after
 * those of `batchAxis`; then come `outFeatures`.
 */
export class LinearGeneral extends Module implements Layer<TensorLike, Tensor> {
  /** [...batch, ...inFeatures, ...outFeatures]. */
  kernel: Param
  /** [...batch, ...outFeatures], or null. */
  bias: Param | null
  readonly inFeatures: readonly number[]
  readonly outFeatures: readonly number[]
  readonly axis: readonly number[]
  /** The extents of axes 0, 1, ... of x. */
  readonly batchShape: Shape
  declare readonly dtype: FloatDType | null
  declare readonly promoteDtype?: PromoteDtype
  declare readonly dotGeneral?: DotGeneral
  declare readonly preferredElementType?: FloatDType

  constructor(
    inFeatures: number | readonly number[],
    outFeatures: number | readonly number[],
    options: LinearGeneralOptions,
  ) {
    super()
    const layer = 'LinearGeneral'
    const makeParam = parameterMaker(layer, options)
    const { axis = -1, batchAxis = {}, useBias = true, kernelInit = defaultKernelInit, biasInit = zeros } = options
    this.inFeatures = listOf(inFeatures).map((n) => checkExtent(layer, 'inFeatures', n))
    this.outFeatures = listOf(outFeatures).map((n) => checkExtent(layer, 'outFeatures', n))
    this.axis = listOf(axis)
    this.batchShape = batchShape(batchAxis)
    if (this.axis.length !== this.inFeatures.length)
      throw new ShapeError(
        `${layer}: inFeatures and axis must have the same length, got [${this.inFeatures.join(', ')}] and [${this.axis.join(', ')}]`,
      )
    const outShape = [...this.batchShape, ...this.outFeatures]
    this.kernel = makeParam(
      'kernelInit',
      flattened(kernelInit, [...this.batchShape, ...this.inFeatures], this.outFeatures),
      [...this.batchShape, ...this.inFeatures, ...this.outFeatures],
      options.kernelMetadata,
    )
    this.bias = useBias ? makeParam('biasInit', flattened(biasInit, outShape), outShape, options.biasMetadata) : null
    Object.assign(this, computation(layer, options), productOptions(options))
  }

  /** Throws ShapeError where the axes of x do not have the extents that the layer was made for. */
  forward(x: TensorLike): Tensor {
    const fn = 'LinearGeneral.forward'
    const checked = numberOperand(fn, x)
    // In ascending order the axes meet the features: the order of `axis` says nothing, as in Flax.
    const axis = this.axis.map((a) => checkAxis(fn, a, checked.ndim)).sort((a, b) => a - b)
    const batch = this.batchShape.map((_, i) => i)
    this.checkShape(fn, checked, axis)
    const [t, kernel, bias] = promoted(fn, this, checked, this.kernel, this.bias)
    const y = product(this, t, kernel, {
      contract: [axis, axis.map((_, i) => batch.length + i)],
      batch: [batch, batch],
    })
    if (bias === null) return y
    const lead = t.shape.flatMap((n, i) => (axis.includes(i) ? [] : [batch.includes(i) ? n : 1]))
    return add(y, reshape(bias, [...lead, ...this.outFeatures]))
  }

  private checkShape(fn: string, x: Tensor, axis: readonly number[]): void {
    const fits =
      axis.every((a, i) => x.shape[a] === this.inFeatures[i] && axis.indexOf(a) === i) &&
      this.batchShape.every((n, i) => x.shape[i] === n && !axis.includes(i))
    if (fits) return
    const batch = this.batchShape.length === 0 ? '' : ` and the first axes [${this.batchShape.join(', ')}] (batchAxis)`
    throw new ShapeError(
      `${fn}: axes [${axis.join(', ')}] of x must be [${this.inFeatures.join(', ')}] (inFeatures)${batch}, got shape ${formatShape(x.shape)}`,
    )
  }
}

import { type Layer, type Metadata, Module, type Param } from '@linum/graph'
import { add, einsum, reshape, type Shape, ShapeError, type Tensor, type TensorLike } from '@linum/tensor'
import { formatShape } from '@linum/tensor/core'
import type { Initializer } from './initializers/initializer.js'
import { zeros } from './initializers/constant.js'
import { defaultKernelInit } from './linear.js'
import { numberOperand } from './operand.js'
import { checkExtent, computation, parameterMaker, type ParameterOptions } from './parameter.js'
import { type FloatDType, promoted, type PromoteDtype } from './promote-dtype.js'

/** A product with the signature of `einsum` for two operands. */
export type EinsumOp = (subscripts: string, x: Tensor, kernel: Tensor) => Tensor

export interface EinsumOptions extends ParameterOptions {
  /** The shape of the bias: that of the letters which kernel and result share, or one that fits them. None: no bias. */
  readonly biasShape?: Shape | null
  /** `lecunNormal()` by default. */
  readonly kernelInit?: Initializer
  /** `zeros` by default. */
  readonly biasInit?: Initializer
  readonly kernelMetadata?: Metadata<Tensor>
  readonly biasMetadata?: Metadata<Tensor>
  /** In place of the `einsum` of tensors. */
  readonly einsumOp?: EinsumOp
  /** The dtype of sums and product. */
  readonly preferredElementType?: FloatDType
}

export interface EinsumCallOptions {
  /** In place of the layer's. */
  readonly einsumStr?: string
}

const checkSubscripts = (fn: string, subscripts: unknown): string => {
  if (typeof subscripts !== 'string')
    throw new TypeError(`${fn}: einsumStr must be a string such as 'ij,jk->ik', got ${typeof subscripts}`)
  const bare = subscripts.replaceAll(' ', '')
  if (!bare.includes('->'))
    throw new RangeError(`${fn}: einsumStr must be explicit and include '->', got '${subscripts}'`)
  const operands = bare.split('->')[0]!.split(',').length
  if (operands !== 2)
    throw new RangeError(
      `${fn}: einsumStr must have exactly two operands, x and the kernel, got ${operands} in '${subscripts}'`,
    )
  return bare
}

/** The letters of a term, an ellipsis as one number per axis that it stands for, counted from the last. */
const labels = (term: string, ndim: number): readonly (string | number)[] => {
  const [before, after] = term.split('...') as [string, string | undefined]
  if (after === undefined) return [...before]
  const hidden = Math.max(0, ndim - before.length - after.length)
  return [...before, ...Array.from({ length: hidden }, (_, i) => hidden - i), ...after]
}

/** Extents of the kernel where the result has its letters, else 1. */
const biasPlaces = (subscripts: string, x: Tensor, kernel: Tensor, ndim: number): Shape => {
  const [operands, result] = subscripts.split('->') as [string, string]
  const own = labels(operands.split(',')[1]!, kernel.ndim)
  return labels(result, ndim).map((l) => (own.includes(l) ? kernel.shape[own.indexOf(l)]! : 1))
}

/**
 * A linear map by Einstein's sums: x is the first operand, the kernel the second. Without a string of its own a call
 * must give one.
 */
export class Einsum extends Module implements Layer<TensorLike, Tensor> {
  kernel: Param
  bias: Param | null
  readonly einsumStr: string | null
  declare readonly dtype: FloatDType | null
  declare readonly promoteDtype?: PromoteDtype
  declare readonly einsumOp?: EinsumOp
  declare readonly preferredElementType?: FloatDType

  constructor(einsumStr: string | null, kernelShape: Shape, options: EinsumOptions) {
    super()
    const makeParam = parameterMaker('Einsum', options)
    const {
      biasShape = null,
      kernelInit = defaultKernelInit,
      biasInit = zeros,
      einsumOp,
      preferredElementType,
    } = options
    this.einsumStr = einsumStr === null ? null : checkSubscripts('Einsum', einsumStr)
    const shapeOf = (parameter: string, shape: Shape): Shape => shape.map((n) => checkExtent('Einsum', parameter, n))
    this.kernel = makeParam('kernelInit', kernelInit, shapeOf('kernelShape', kernelShape), options.kernelMetadata)
    this.bias =
      biasShape === null ? null : makeParam('biasInit', biasInit, shapeOf('biasShape', biasShape), options.biasMetadata)
    Object.assign(
      this,
      computation('Einsum', options),
      einsumOp === undefined ? {} : { einsumOp },
      preferredElementType === undefined ? {} : { preferredElementType },
    )
  }

  /** Throws ShapeError where x or the bias does not fit the string, TypeError where there is no string. */
  forward(x: TensorLike, options: EinsumCallOptions = {}): Tensor {
    const fn = 'Einsum.forward'
    const given = options.einsumStr ?? this.einsumStr
    if (given === null)
      throw new TypeError(
        `${fn}: einsumStr was given neither to the constructor nor to the call; pass { einsumStr: '...' }`,
      )
    const subscripts = checkSubscripts(fn, given)
    const { einsumOp = einsum, preferredElementType: wide } = this
    const [t, kernel, bias] = promoted(fn, this, numberOperand(fn, x), this.kernel, this.bias)
    const y =
      wide === undefined ? einsumOp(subscripts, t, kernel) : einsumOp(subscripts, t.astype(wide), kernel.astype(wide))
    if (bias === null) return y
    const places = biasPlaces(subscripts, t, kernel, y.ndim)
    if (places.reduce((n, m) => n * m, 1) !== bias.size)
      throw new ShapeError(
        `${fn}: the bias must have the extents ${formatShape(places.filter((n) => n !== 1))} that kernel and result share in '${subscripts}', got biasShape ${formatShape(bias.shape)}`,
      )
    return add(y, reshape(bias, places))
  }
}

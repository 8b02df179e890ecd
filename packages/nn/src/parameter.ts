import { type Metadata, Param, Rngs } from '@linum/graph'
import { type DType, DtypeError, dtypes, type Shape, ShapeError, type Tensor } from '@linum/tensor'
import { formatShape, isFloat, sameShape } from '@linum/tensor/core'
import type { Initializer } from './initializers/initializer.js'
import type { Computation, FloatDType, PromoteDtype } from './promote-dtype.js'

/** How a layer computes. */
export interface ComputationOptions {
  /** The dtype of the parameters, float32 by default. */
  readonly paramDtype?: FloatDType
  /** The dtype of the computation; null, the default, for the common one of input and parameters. */
  readonly dtype?: FloatDType | null
  /** How input and parameters get the dtype of the computation; `promoteDtype` by default. */
  readonly promoteDtype?: PromoteDtype
}

/** What every layer with parameters takes. */
export interface ParameterOptions extends ComputationOptions {
  /** The streams of random keys; parameters draw from `params`, or the default one. */
  readonly rngs: Rngs
}

const show = (x: unknown): string => (typeof x === 'number' ? String(x) : (JSON.stringify(x) ?? typeof x))

/** A float dtype. Throws DtypeError naming the layer and its option. */
export const checkFloat = (layer: string, option: string, dtype: unknown): FloatDType => {
  if (dtypes.includes(dtype as DType) && isFloat(dtype as DType)) return dtype as FloatDType
  throw new DtypeError(
    `${layer}: ${option} must be a float dtype, got ${show(dtype)}; use 'float32', 'bfloat16', 'float16' or 'float64'`,
  )
}

/** How a layer computes, by its options: to be assigned to it. */
export const computation = (layer: string, { dtype, promoteDtype }: ComputationOptions): Computation => ({
  dtype: dtype === undefined || dtype === null ? null : checkFloat(layer, 'dtype', dtype),
  ...(promoteDtype === undefined ? {} : { promoteDtype }),
})

/** A positive integer, such as a number of features. Throws RangeError naming the layer and its parameter. */
export const checkExtent = (layer: string, parameter: string, value: unknown): number => {
  if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value
  throw new RangeError(`${layer}: ${parameter} must be a positive integer, got ${show(value)}`)
}

/**
 * Makes the parameters of one layer, each from the next key: also those whose initializer needs none, so that no choice
 * of an initializer changes the numbers of another.
 */
export type MakeParam = (option: string, init: Initializer, shape: Shape, metadata?: Metadata<Tensor>) => Param

/** The value that an initializer gives a parameter, checked. */
export const initialValue = (
  layer: string,
  option: string,
  init: Initializer,
  key: Tensor,
  shape: Shape,
  dtype: FloatDType,
): Tensor => {
  const value = init(key, shape, { dtype })
  if (sameShape(value.shape, shape)) return value
  throw new ShapeError(`${layer}: ${option} must give shape ${formatShape(shape)}, got ${formatShape(value.shape)}`)
}

/** The streams of random keys. Throws TypeError where there are none. */
export const checkRngs = (layer: string, rngs: unknown): Rngs => {
  if (rngs instanceof Rngs) return rngs
  const got = typeof rngs === 'object' && rngs !== null ? (rngs.constructor?.name ?? 'an object') : String(rngs)
  throw new TypeError(
    `${layer}: rngs must be an Rngs, for the parameters are random, got ${got}; pass { rngs: new Rngs(0) }`,
  )
}

/** Checks the options that all layers share. Throws TypeError without Rngs. */
export const parameterMaker = (layer: string, options: ParameterOptions | undefined): MakeParam => {
  const rngs = checkRngs(layer, options?.rngs)
  const dtype = checkFloat(layer, 'paramDtype', options?.paramDtype ?? 'float32')
  return (option, init, shape, metadata) =>
    new Param(initialValue(layer, option, init, rngs.key('params'), shape, dtype), metadata)
}

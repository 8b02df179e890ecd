import { type Metadata, Param, Rngs } from '@linum/graph'
import { DtypeError, type Shape, ShapeError, type Tensor } from '@linum/tensor'
import { formatShape, sameShape } from '@linum/tensor/core'
import type { Initializer } from './initializers/initializer.js'

/** What every layer with parameters takes. */
export interface ParameterOptions {
  /** The streams of random keys; parameters draw from `params`, or the default one. */
  readonly rngs: Rngs
  /** The dtype of the parameters. */
  readonly paramDtype?: 'float32'
  /** The dtype of the computation. */
  readonly dtype?: 'float32'
}

const checkFloat32 = (layer: string, option: string, dtype: unknown): void => {
  if (dtype !== undefined && dtype !== 'float32')
    throw new DtypeError(`${layer}: ${option} must be 'float32', got ${JSON.stringify(dtype) ?? typeof dtype}`)
}

/** A positive integer, such as a number of features. Throws RangeError naming the layer and its parameter. */
export const checkExtent = (layer: string, parameter: string, value: unknown): number => {
  if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value
  throw new RangeError(
    `${layer}: ${parameter} must be a positive integer, got ${typeof value === 'number' ? value : (JSON.stringify(value) ?? typeof value)}`,
  )
}

/**
 * Makes the parameters of one layer, each from the next key: also those whose initializer needs none, so that no choice
 * of an initializer changes the numbers of another.
 */
export type MakeParam = (option: string, init: Initializer, shape: Shape, metadata?: Metadata<Tensor>) => Param

/** Checks the options that all layers share. Throws TypeError without Rngs. */
export const parameterMaker = (layer: string, options: ParameterOptions | undefined): MakeParam => {
  const rngs: unknown = options?.rngs
  if (!(rngs instanceof Rngs)) {
    const got = typeof rngs === 'object' && rngs !== null ? (rngs.constructor?.name ?? 'an object') : String(rngs)
    throw new TypeError(
      `${layer}: rngs must be an Rngs, for the parameters are random, got ${got}; pass { rngs: new Rngs(0) }`,
    )
  }
  checkFloat32(layer, 'paramDtype', options?.paramDtype)
  checkFloat32(layer, 'dtype', options?.dtype)
  return (option, init, shape, metadata) => {
    const value = init(rngs.key('params'), shape, { dtype: 'float32' })
    if (!sameShape(value.shape, shape)) {
      throw new ShapeError(`${layer}: ${option} must give shape ${formatShape(shape)}, got ${formatShape(value.shape)}`)
    }
    return new Param(value, metadata)
  }
}

import type { Metadata, Param } from '@linum/graph'
import { reshape, type Tensor } from '@linum/tensor'
import { ones, zeros } from '../initializers/constant.js'
import type { Initializer } from '../initializers/initializer.js'
import type { MakeParam, ParameterOptions } from '../parameter.js'

export interface ScaleOptions extends ParameterOptions {
  readonly useScale?: boolean
  /** `ones` by default. */
  readonly scaleInit?: Initializer
  readonly scaleMetadata?: Metadata<Tensor>
}

export interface AffineOptions extends ScaleOptions {
  readonly useBias?: boolean
  /** `zeros` by default. */
  readonly biasInit?: Initializer
  readonly biasMetadata?: Metadata<Tensor>
}

export const makeScale = (
  makeParam: MakeParam,
  features: number,
  { useScale = true, scaleInit = ones, scaleMetadata }: ScaleOptions,
): Param | null => (useScale ? makeParam('scaleInit', scaleInit, [features], scaleMetadata) : null)

export const makeBias = (
  makeParam: MakeParam,
  features: number,
  { useBias = true, biasInit = zeros, biasMetadata }: AffineOptions,
): Param | null => (useBias ? makeParam('biasInit', biasInit, [features], biasMetadata) : null)

/** One value per feature, shaped to broadcast against x, whose features lie along `axes`. */
export const perFeature = <T extends Tensor | null>(values: T, x: Tensor, axes: readonly number[]): Tensor | T =>
  values === null || (axes.length === 1 && axes[0] === x.ndim - 1)
    ? values
    : reshape(
        values,
        x.shape.map((extent, axis) => (axes.includes(axis) ? extent : 1)),
      )

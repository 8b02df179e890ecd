import { filterState, flatState, fromFlatState, Module, Param, state, update } from '@linum/graph'
import { add, multiply, reshape, rsqrt, type Shape, square, StateError, sum, type Tensor } from '@linum/tensor'
import { checkAxes } from '@linum/tensor/core'
import { ones } from '../initializers/constant.js'
import type { Initializer } from '../initializers/initializer.js'
import { checkFloat, checkRngs, computation, initialValue, type ParameterOptions } from '../parameter.js'
import { type FloatDType, type PromoteDtype, promoteDtype } from '../promote-dtype.js'
import { atPath, type ByPath, nestByPath } from './by-path.js'
import type { Axes } from './per-example.js'

/** What can be wrapped. */
export type WrappedLayer = Module & { forward(...args: never[]): unknown }

/** A filter of Variables, by their path or what they are. */
export type VariableFilter = Parameters<typeof filterState>[1]

export interface WeightNormOptions extends ParameterOptions {
  /** The axes of weights that have a norm and a scale for each index; the last by default, null for none. */
  readonly featureAxes?: Axes | null
  readonly useScale?: boolean
  /** `ones` by default, which takes no key. */
  readonly scaleInit?: Initializer
  readonly epsilon?: number
  /** The weights among the parameters; by default those named `kernel`, or below something of that name. */
  readonly variableFilter?: VariableFilter
}

const kernels = (path: readonly (string | number)[]): boolean => path.includes('kernel')

/** x / sqrt(sum of x² + epsilon), the sum taken over `axis`. */
export const l2Normalize = (x: Tensor, axis: readonly number[], epsilon: number): Tensor =>
  multiply(x, rsqrt(add(sum(square(x), { axis, keepdims: true }), epsilon)))

/** The parameters of a layer that a filter selects, by path. */
const weightsOf = (
  layer: WrappedLayer,
  filter: VariableFilter,
): readonly (readonly [readonly (string | number)[], Tensor])[] =>
  flatState<{ asTensor(): Tensor }>(filterState(state(layer, Param), filter)).map(([path, leaf]) => [
    path,
    leaf.asTensor(),
  ])

/**
 * A layer whose weights are brought to length 1, times a learned scale, before every call. The normalized weights are
 * written into the layer. Salimans and Kingma 2016.
 */
export class WeightNorm<L extends WrappedLayer = WrappedLayer> extends Module {
  layerInstance: L
  /** One scale per weight, under the path of that; null without. */
  scales: ByPath<Param> | null
  readonly featureAxes: Axes | null
  readonly epsilon: number
  readonly variableFilter: VariableFilter
  declare readonly dtype: FloatDType | null
  declare readonly promoteDtype?: PromoteDtype

  constructor(layerInstance: L, options: WeightNormOptions) {
    super()
    const layer = 'WeightNorm'
    const rngs = checkRngs(layer, options?.rngs)
    const dtype = checkFloat(layer, 'paramDtype', options.paramDtype ?? 'float32')
    const { featureAxes = -1, useScale = true, scaleInit = ones, epsilon = 1e-12, variableFilter = kernels } = options
    this.layerInstance = layerInstance
    this.featureAxes = featureAxes
    this.epsilon = epsilon
    this.variableFilter = variableFilter
    const scaleOf = (shape: Shape): Param => {
      const key = scaleInit === ones ? rngs.stream('params').key.value : rngs.key('params')
      return new Param(initialValue(layer, 'scaleInit', scaleInit, key, shape, dtype))
    }
    this.scales = useScale
      ? nestByPath(
          weightsOf(layerInstance, variableFilter).map(([path, w]) => [
            path,
            scaleOf(this.featureAxesOf(w).map((axis) => w.shape[axis]!)),
          ]),
        )
      : null
    Object.assign(this, computation(layer, options))
  }

  /** Arguments are those of the layer. Throws StateError where the layer has weights that it had not when it was wrapped. */
  forward(...args: Parameters<L['forward']>): ReturnType<L['forward']> {
    const normalized = weightsOf(this.layerInstance, this.variableFilter).map(
      ([path, w]) => [path, this.normalize(path, w)] as const,
    )
    update(this.layerInstance, fromFlatState(normalized) as never)
    return this.layerInstance.forward(...args) as ReturnType<L['forward']>
  }

  private featureAxesOf(w: Tensor): readonly number[] {
    return this.featureAxes === null ? [] : [...checkAxes('WeightNorm', this.featureAxes, w.ndim)].sort((a, b) => a - b)
  }

  private normalize(path: readonly (string | number)[], w: Tensor): Tensor {
    const features = this.featureAxesOf(w)
    const others = w.shape.map((_, i) => i).filter((i) => !features.includes(i))
    const direction = l2Normalize(w, others, this.epsilon)
    const scale = this.scaleAt(path)
    const y =
      scale === null
        ? direction
        : multiply(
            direction,
            reshape(
              scale,
              w.shape.map((n, i) => (features.includes(i) ? n : 1)),
            ),
          )
    const { promoteDtype: promote = promoteDtype } = this
    return promote([y], { dtype: this.dtype })[0]
  }

  private scaleAt(path: readonly (string | number)[]): Param | null {
    if (this.scales === null) return null
    const scale = atPath(this.scales, path)
    if (scale !== undefined) return scale
    throw new StateError(
      `WeightNorm.forward: no scale for the weights at '${path.join('/')}', which the layer did not have when it was wrapped; wrap it again`,
    )
  }
}

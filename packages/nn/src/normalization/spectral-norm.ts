import { BatchStat, flatState, fromFlatState, Module, Param, state, update } from '@linum/graph'
import {
  divide,
  matmul,
  notEqual,
  reshape,
  type Shape,
  ShapeError,
  StateError,
  stopGradient,
  type Tensor,
  transpose,
  where,
} from '@linum/tensor'
import { formatShape } from '@linum/tensor/core'
import { ones } from '../initializers/constant.js'
import { normal } from '../initializers/random.js'
import { checkFloat, checkRngs, computation, initialValue, type ParameterOptions } from '../parameter.js'
import { computeDtype, type FloatDType } from '../promote-dtype.js'
import { atPath, type ByPath, nestByPath } from './by-path.js'
import { l2Normalize, type WrappedLayer } from './weight-norm.js'

export interface SpectralNormOptions extends Omit<ParameterOptions, 'promoteDtype'> {
  /** Steps of power iteration in every call; 1 by default, 0 leaves the weights alone. */
  readonly nSteps?: number
  readonly epsilon?: number
  /** Throw for weights of more than two axes, instead of taking all axes but the last as one. */
  readonly errorOnNonMatrix?: boolean
  /** Keep what the power iteration finds for the next call; true by default. `train` and `eval` set it. */
  readonly updateStats?: boolean
}

export interface SpectralNormCallOptions {
  /** In place of the layer's. */
  readonly updateStats?: boolean
}

type Path = readonly (string | number)[]

/** What the power iteration has found for one matrix of weights. */
interface SingularStats {
  /** [1, columns], the direction of the greatest stretch. */
  readonly u: BatchStat
  /** The greatest singular value. */
  readonly sigma: BatchStat
}

const iterate = (w: Tensor, start: Tensor, steps: number, epsilon: number): readonly [u: Tensor, v: Tensor] => {
  let [u, v] = [start, start]
  for (let k = 0; k < steps; k++) {
    v = l2Normalize(matmul(u, transpose(w)), [0, 1], epsilon)
    u = l2Normalize(matmul(v, w), [0, 1], epsilon)
  }
  return [stopGradient(u), stopGradient(v)]
}

/**
 * A layer whose matrices are divided by their greatest singular value before every call, as power iteration
 * approximates it. The normalized weights are written into the layer. Miyato et al. 2018.
 */
export class SpectralNorm<L extends WrappedLayer = WrappedLayer> extends Module {
  layerInstance: L
  /** `u` and `sigma` for each parameter that is a matrix, under the path of that. */
  batchStats: ByPath<BatchStat>
  readonly nSteps: number
  readonly epsilon: number
  readonly errorOnNonMatrix: boolean
  /** Set by `train` and `eval`: the opposite of `updateStats`. */
  useRunningAverage: boolean
  declare readonly dtype: FloatDType | null

  constructor(layerInstance: L, options: SpectralNormOptions) {
    super()
    const layer = 'SpectralNorm'
    const rngs = checkRngs(layer, options?.rngs)
    const dtype = checkFloat(layer, 'paramDtype', options.paramDtype ?? 'float32')
    const { nSteps = 1, epsilon = 1e-12, errorOnNonMatrix = false, updateStats = true } = options
    if (!Number.isInteger(nSteps) || nSteps < 0)
      throw new RangeError(`${layer}: nSteps must be an integer from 0 on, got ${nSteps}`)
    this.layerInstance = layerInstance
    this.nSteps = nSteps
    this.epsilon = epsilon
    this.errorOnNonMatrix = errorOnNonMatrix
    this.useRunningAverage = !updateStats
    this.batchStats = nestByPath(
      this.matrices(layer).flatMap(([path, w]): readonly (readonly [Path, BatchStat])[] => {
        const key = rngs.key('params')
        const make = (name: string, init: typeof ones, shape: Shape): readonly [Path, BatchStat] => [
          [...path, name],
          new BatchStat(initialValue(layer, name, init, key, shape, dtype)),
        ]
        return [make('u', normal(), [1, w.shape.at(-1)!]), make('sigma', ones, [])]
      }),
    )
    Object.assign(this, computation(layer, options))
  }

  /** Throws StateError where the layer has matrices that it had not when it was wrapped. */
  forward(x: Parameters<L['forward']>[0], options: SpectralNormCallOptions = {}): ReturnType<L['forward']> {
    const keep = options.updateStats ?? !this.useRunningAverage
    const normalized = this.matrices('SpectralNorm.forward').map(
      ([path, w]) => [path, this.normalize(path, w, keep)] as const,
    )
    update(this.layerInstance, fromFlatState(normalized) as never)
    return this.layerInstance.forward(...([x] as Parameters<L['forward']>)) as ReturnType<L['forward']>
  }

  /** The parameters of two axes and more, by path. */
  private matrices(fn: string): readonly (readonly [Path, Tensor])[] {
    if (this.nSteps === 0) return []
    const weights = flatState<{ asTensor(): Tensor }>(state(this.layerInstance, Param)).map(
      ([path, leaf]): readonly [Path, Tensor] => [path, leaf.asTensor()],
    )
    const high = weights.find(([, w]) => w.ndim > 2)
    if (high !== undefined && this.errorOnNonMatrix)
      throw new ShapeError(
        `${fn}: parameters must have at most two axes, for errorOnNonMatrix is set, got shape ${formatShape(high[1].shape)} at '${high[0].join('/')}'`,
      )
    return weights.filter(([, w]) => w.ndim > 1)
  }

  private normalize(path: Path, weights: Tensor, keep: boolean): Tensor {
    const stats = this.statsAt(path)
    const w = weights.ndim > 2 ? reshape(weights, [-1, weights.shape.at(-1)!]) : weights
    const [u, v] = iterate(w, stats.u.value, this.nSteps, this.epsilon)
    const sigma = reshape(matmul(matmul(v, w), transpose(u)), [])
    const y = reshape(divide(w, where(notEqual(sigma, 0), sigma, 1)), weights.shape)
    if (keep) {
      stats.u.value = u
      stats.sigma.value = sigma
    }
    return y.astype(computeDtype([y, u, v, sigma], { dtype: this.dtype }))
  }

  private statsAt(path: Path): SingularStats {
    const [u, sigma] = [atPath(this.batchStats, [...path, 'u']), atPath(this.batchStats, [...path, 'sigma'])]
    if (u !== undefined && sigma !== undefined) return { u, sigma }
    throw new StateError(
      `SpectralNorm.forward: no statistics for the weights at '${path.join('/')}', which the layer did not have when it was wrapped; wrap it again`,
    )
  }
}

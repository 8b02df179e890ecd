import { add, array, maximum, mul, sqrt, type Tensor, type TensorLike, where } from '@linum/tensor'
import { toTensor } from '@linum/tensor/core'
import { chain } from '../chain.js'
import { lowestFloat } from '../dtypes.js'
import { mapAligned, mapLeaves } from '../leaves.js'
import { requireParams } from '../params.js'
import type { ScalarOrSchedule } from '../schedules/schedule.js'
import { GradientTransformation, named } from '../transformation.js'
import { addDecayedWeights } from '../transformations/decayed-weights.js'
import { scaleByLearningRate } from '../transformations/scale.js'
import { normTree, scaleTree, squaredNorm } from '../tree-sums.js'
import type { WeightDecayOptions } from './descend.js'

/** Where the first step comes from: a distance, a learning rate, or a part of the size of the parameters. */
export type InitStep = readonly ['distance' | 'learning_rate' | 'heuristic', TensorLike]

interface DogState {
  readonly isInitStep: Tensor
  readonly initParams: unknown
  readonly maxDist: Tensor
  readonly sumSqNormGrads: Tensor
}

const difference = (fn: string, a: unknown, b: unknown): unknown => mapAligned(fn, (x, y) => x!.sub(y!), a, b)

const firstDistance = ([type, value]: InitStep, params: unknown): TensorLike => {
  if (type === 'distance') return value
  if (type === 'heuristic') return mul(normTree(params).add(1), value)
  if (type === 'learning_rate') return 0
  throw new TypeError(
    `scaleByDog: Invalid initStep specification, got ${String(type)}; give ['heuristic', 1e-6], ['distance', d] or ['learning_rate', lr]`,
  )
}

/** Updates by the farthest distance from the start over the root of the sum of squared gradients (Ivgi, Hinder and Carmon 2023). Needs `params` at `update`. */
const scaleByDog = (initStep: InitStep, { eps = 1e-8 }: { readonly eps?: TensorLike } = {}): GradientTransformation => {
  const fn = 'scaleByDog'
  return new GradientTransformation(
    fn,
    { initStep: [...initStep], eps },
    {
      init: (params) => {
        const dtype = lowestFloat(params)
        return {
          isInitStep: array(true),
          initParams: mapLeaves((p) => p.asTensor(), params),
          maxDist: toTensor(fn, firstDistance(initStep, params)).astype(dtype),
          sumSqNormGrads: array(0, { dtype }),
        }
      },
      update: (updates, state: DogState, given) => {
        const { dtype } = state.maxDist
        const distance = normTree(difference(fn, state.initParams, requireParams(fn, given)))
        const maxDist = maximum(state.maxDist, distance).astype(dtype)
        const sum = add(state.sumSqNormGrads, squaredNorm(updates)).astype(dtype)
        const found = maxDist.div(sqrt(sum.add(eps)))
        const rate = initStep[0] === 'learning_rate' ? where(state.isInitStep, initStep[1], found) : found
        return [
          scaleTree(rate, updates),
          { isInitStep: array(false), initParams: state.initParams, maxDist, sumSqNormGrads: sum },
        ]
      },
    },
  )
}

export interface DogOptions extends WeightDecayOptions {
  /** Where the first step comes from; ['heuristic', 1e-6]. */
  readonly initStep?: InitStep
  /** Added inside the square root; 1e-8. */
  readonly eps?: TensorLike
}

/** DoG, distance over gradients (Ivgi, Hinder and Carmon 2023); `learningRate` is a factor. Needs `params` at `update`. */
export const dog = (
  learningRate: ScalarOrSchedule = 1,
  { initStep = ['heuristic', 1e-6], eps = 1e-8, weightDecay, mask }: DogOptions = {},
): GradientTransformation =>
  named(
    'dog',
    { learningRate, initStep: [...initStep], eps, weightDecay, mask },
    chain(
      ...(weightDecay === undefined ? [] : [addDecayedWeights(weightDecay, { mask })]),
      scaleByDog(initStep, { eps }),
      scaleByLearningRate(learningRate),
    ),
  )

interface DowgState {
  readonly initParams: unknown
  readonly weightedSqNormGrads: Tensor
  readonly estimSqDist: Tensor
}

export interface DowgScaling {
  /** The first squared distance; `eps` if absent. */
  readonly initEstimSqDist?: number | null
  /** Added outside the square root; 1e-4. */
  readonly eps?: number
}

/** `scaleByDog` whose sum weighs gradients by the distance at which they were taken (Khaled, Mishchenko and Jin 2023). Needs `params` at `update`. */
const scaleByDowg = ({ initEstimSqDist = null, eps = 1e-4 }: DowgScaling = {}): GradientTransformation => {
  const fn = 'scaleByDowg'
  return new GradientTransformation(
    fn,
    { initEstimSqDist, eps },
    {
      init: (params) => {
        const dtype = lowestFloat(params)
        return {
          initParams: mapLeaves((p) => p.asTensor(), params),
          weightedSqNormGrads: array(0, { dtype }),
          estimSqDist: array(initEstimSqDist ?? eps, { dtype }),
        }
      },
      update: (updates, state: DowgState, given) => {
        const { dtype } = state.estimSqDist
        const squared = squaredNorm(difference(fn, state.initParams, requireParams(fn, given)))
        const estimSqDist = maximum(state.estimSqDist, squared).astype(dtype)
        const weighted = mul(estimSqDist, squaredNorm(updates)).add(state.weightedSqNormGrads).astype(dtype)
        return [
          scaleTree(estimSqDist.div(sqrt(weighted).add(eps)), updates),
          { initParams: state.initParams, weightedSqNormGrads: weighted, estimSqDist },
        ]
      },
    },
  )
}

export interface DowgOptions extends DowgScaling, WeightDecayOptions {}

/** DoWG (Khaled, Mishchenko and Jin 2023); `learningRate` is a factor. Needs `params` at `update`. */
export const dowg = (
  learningRate: ScalarOrSchedule = 1,
  { initEstimSqDist = null, eps = 1e-4, weightDecay, mask }: DowgOptions = {},
): GradientTransformation =>
  named(
    'dowg',
    { learningRate, initEstimSqDist, eps, weightDecay, mask },
    chain(
      ...(weightDecay === undefined ? [] : [addDecayedWeights(weightDecay, { mask })]),
      scaleByDowg({ initEstimSqDist, eps }),
      scaleByLearningRate(learningRate),
    ),
  )

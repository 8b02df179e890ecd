import {
  add,
  array,
  type DType,
  div,
  greater,
  isnan,
  logicalOr,
  maximum,
  mul,
  ones,
  pow,
  sub,
  type Tensor,
  type TensorLike,
  tree,
  where,
} from '@linum/tensor'
import { isState, mapState, type VariableState } from '@linum/graph'
import { toTensor } from '@linum/tensor/core'
import { chain } from '../chain.js'
import { increment } from '../count.js'
import { lowestFloat } from '../dtypes.js'
import { align, applyUpdates, mapAligned, mapLeaves } from '../leaves.js'
import { oneMinus } from '../moment.js'
import { requireParams } from '../params.js'
import { rawTree } from '../raw.js'
import { isScheduled, type ScalarOrSchedule } from '../schedules/schedule.js'
import { warmupConstantSchedule } from '../schedules/join.js'
import { getKey } from '../state-search.js'
import { GradientTransformation, named, type TransformationState } from '../transformation.js'
import { addDecayedWeights } from '../transformations/decayed-weights.js'
import { scaleByRms } from '../transformations/rms.js'
import { scaleByLearningRate } from '../transformations/scale.js'
import { sgd } from './sgd.js'

export interface ScheduleFreeOptions {
  /** How much of the point of the gradient is the average; 0.9. */
  readonly b1?: TensorLike
  /** Power of the learning rate in the weights of the average; 2. */
  readonly weightLrPower?: TensorLike
  /** In which dtype the second copy of the parameters is kept; their own if absent. */
  readonly stateDtype?: DType | undefined
}

interface ScheduleFreeState {
  readonly b1: Tensor
  readonly weightSum: Tensor
  readonly stepCount: Tensor
  readonly maxLr: Tensor
  readonly baseOptimizerState: TransformationState
  readonly z: unknown
}

const fn = 'scheduleFree'

/** (y - (1 - b1) z) / b1: the average, from the point of the gradient and the point of the base optimizer. */
const averageOf = (y: TensorLike, z: TensorLike, b1: TensorLike): Tensor => div(sub(y, mul(z, oneMinus(b1))), b1)

// 0 / 0 is 0: a warmup may start at a learning rate of 0.
const share = (weight: Tensor, total: Tensor): Tensor => {
  const odd = logicalOr(isnan(weight), isnan(total))
  return where(odd, NaN, where(greater(total, 0), div(weight, where(greater(total, 0), total, 1)), 0))
}

/**
 * `baseOptimizer` without a schedule of its learning rate (Defazio et al. 2024): it moves one copy of the parameters,
 * whose average is the one to evaluate, and gradients are taken between the two. The base optimizer should have no
 * momentum; `b1` is in its place. Evaluate with `scheduleFreeEvalParams`. Needs `params` at `update`.
 */
export const scheduleFree = (
  baseOptimizer: GradientTransformation,
  learningRate: ScalarOrSchedule,
  { b1 = 0.9, weightLrPower = 2, stateDtype }: ScheduleFreeOptions = {},
): GradientTransformation =>
  new GradientTransformation(
    fn,
    { baseOptimizer, learningRate, b1, weightLrPower, stateDtype },
    {
      init: (params) => {
        const dtype = lowestFloat(params)
        return {
          b1: toTensor(fn, b1).astype(dtype),
          weightSum: array(0, { dtype }),
          stepCount: ones([], { dtype: 'int32' }),
          maxLr: array(0, { dtype }),
          baseOptimizerState: baseOptimizer.init(params),
          z: mapLeaves((p) => p.astype(stateDtype ?? p.dtype), params),
        }
      },
      update: (updates, state: ScheduleFreeState, given, extra) => {
        const params = requireParams(fn, given)
        const { dtype } = state.maxLr
        const rate = isScheduled(learningRate)
          ? toTensor(fn, learningRate(state.stepCount)).astype(dtype)
          : learningRate
        const maxLr = maximum(state.maxLr, rate)
        const weight = pow(maxLr, weightLrPower)
        const weightSum = add(state.weightSum, weight)
        const c = share(weight, weightSum)
        const [moves, baseOptimizerState] = baseOptimizer.update(updates, state.baseOptimizerState, params, extra)
        const z = applyUpdates(state.z, moves)
        const {
          columns: [y, zBefore, zAfter],
          build,
        } = align(fn, params, state.z, z)
        const out = y!.map((p, i) => {
          const x = mul(averageOf(p, zBefore![i]!, b1), sub(1, c)).add(mul(zAfter![i]!, c))
          return mul(x, b1)
            .add(mul(zAfter![i]!, oneMinus(b1)))
            .sub(p)
        })
        return [
          build(out),
          { b1: state.b1, weightSum, stepCount: increment(state.stepCount), maxLr, baseOptimizerState, z },
        ]
      },
    },
  )

/**
 * The parameters to evaluate and to keep, of those that `scheduleFree` trains. Takes its state, or a larger one that has
 * one such part, also that of an Optimizer: `update(model, scheduleFreeEvalParams(optimizer.optState, state(model,
 * Param)))`. Throws StateError where there is none or more.
 */
export const scheduleFreeEvalParams = <P>(state: unknown, params: P): P => {
  const name = 'scheduleFreeEvalParams'
  const raw = rawTree(state)
  const [b1, z] = [getKey(name, raw, 'b1'), getKey(name, raw, 'z')]
  if (b1 === undefined || z === undefined)
    throw new TypeError(
      `${name} requires a ScheduleFreeState as input, got a state without b1 and z; give the one of scheduleFree`,
    )
  const values = mapAligned(name, (y, zi) => averageOf(y!, zi!, b1 as Tensor).astype(y!.dtype), rawTree(params), z)
  if (!isState(params)) return values as P
  const byPath = new Map(tree.leavesWithPath(values).map(([path, value]) => [path.join('\0'), value]))
  return mapState(
    (path, leaf) => (leaf as VariableState).replace(byPath.get(path.join('\0')) as Tensor),
    params as never,
  ) as P
}

export interface ScheduleFreeSgdOptions extends ScheduleFreeOptions {
  /** Over how many steps the learning rate grows from 0; none if absent. */
  readonly warmupSteps?: number | undefined
  /** How much of the parameters is added to the gradients; none if absent. */
  readonly weightDecay?: TensorLike | undefined
}

const warmedUp = (learningRate: number, steps: number | undefined): ScalarOrSchedule =>
  steps === undefined ? learningRate : warmupConstantSchedule(0, learningRate, steps)

/** Gradient descent without a schedule. Needs `params` at `update`. */
export const scheduleFreeSgd = (
  learningRate = 1,
  { warmupSteps, weightDecay, b1 = 0.9, weightLrPower = 2, stateDtype }: ScheduleFreeSgdOptions = {},
): GradientTransformation => {
  const rate = warmedUp(learningRate, warmupSteps)
  const base = sgd(rate)
  return named(
    'scheduleFreeSgd',
    { learningRate, warmupSteps, b1, weightDecay, weightLrPower, stateDtype },
    scheduleFree(weightDecay === undefined ? base : chain(addDecayedWeights(weightDecay), base), rate, {
      b1,
      weightLrPower,
      stateDtype,
    }),
  )
}

export interface ScheduleFreeAdamwOptions extends ScheduleFreeSgdOptions {
  /** Decay of the average of squares; 0.999. */
  readonly b2?: TensorLike
  /** Added outside the square root; 1e-8. */
  readonly eps?: TensorLike
}

/** AdamW without a schedule. Needs `params` at `update`. */
export const scheduleFreeAdamw = (
  learningRate = 0.0025,
  {
    warmupSteps,
    b1 = 0.9,
    b2 = 0.999,
    eps = 1e-8,
    weightDecay = 0,
    weightLrPower = 2,
    stateDtype,
  }: ScheduleFreeAdamwOptions = {},
): GradientTransformation => {
  const rate = warmedUp(learningRate, warmupSteps)
  const base = chain(
    scaleByRms({ decay: b2, eps, epsInSqrt: false, biasCorrection: true }),
    addDecayedWeights(weightDecay),
    scaleByLearningRate(rate),
  )
  return named(
    'scheduleFreeAdamw',
    { learningRate, warmupSteps, b1, b2, eps, weightDecay, weightLrPower, stateDtype },
    scheduleFree(base, rate, { b1, weightLrPower, stateDtype }),
  )
}

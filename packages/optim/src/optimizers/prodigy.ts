import {
  abs,
  add,
  array,
  div,
  type DType,
  maximum,
  mul,
  neg,
  pow,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  type TensorLike,
} from '@linum/tensor'
import { toTensor } from '@linum/tensor/core'
import { increment, zeroCount } from '../count.js'
import { lowestFloat } from '../dtypes.js'
import { align, mapLeaves, zerosLikeTree } from '../leaves.js'
import { oneMinus } from '../moment.js'
import { requireParams } from '../params.js'
import { isScheduled, type ScalarOrSchedule } from '../schedules/schedule.js'
import { GradientTransformation } from '../transformation.js'
import { vdotTree } from '../tree-sums.js'

export interface ProdigyOptions {
  /** Decays of the averages of gradients and of their squares; 0.9 and 0.999. */
  readonly betas?: readonly [TensorLike, TensorLike]
  /** Decay of the sums that the distance is estimated from; the root of the second beta if absent. */
  readonly beta3?: TensorLike | null
  /** Added outside the square root; 1e-8. */
  readonly eps?: TensorLike
  /** The first estimate of the learning rate; 1e-6. */
  readonly estimLr0?: number
  /** A factor of the estimate; 1. */
  readonly estimLrCoef?: TensorLike
  /** 0. */
  readonly weightDecay?: TensorLike
  /** Whether the learning rate is left out of the sums, for schedules that begin low. */
  readonly safeguardWarmup?: boolean
}

interface ProdigyState {
  readonly expAvg: unknown
  readonly expAvgSq: unknown
  readonly gradSum: unknown
  readonly params0: unknown
  readonly estimLr: Tensor
  readonly numeratorWeighted: Tensor
  readonly count: Tensor
}

const fn = 'prodigy'

/** sqrt(1 - b2^t) / (1 - b1^t). */
export const biasCorrection = ([b1, b2]: readonly [TensorLike, TensorLike], count: Tensor): Tensor => {
  const t = count.astype('float32')
  return sqrt(sub(1, pow(b2, t))).div(sub(1, pow(b1, t)))
}

/** The value of a learning rate at a step, in that dtype. */
export const rateAt = (name: string, learningRate: ScalarOrSchedule, count: Tensor, dtype: DType): Tensor =>
  toTensor(name, isScheduled(learningRate) ? learningRate(count) : learningRate).astype(dtype)

/**
 * Prodigy (Mishchenko and Defazio 2024): AdamW that estimates its learning rate from how far the parameters have gone;
 * `learningRate` is a factor, or schedule, of the estimate. Needs `params` at `update`.
 */
export const prodigy = (
  learningRate: ScalarOrSchedule = 1,
  {
    betas = [0.9, 0.999],
    beta3 = null,
    eps = 1e-8,
    estimLr0 = 1e-6,
    estimLrCoef = 1,
    weightDecay = 0,
    safeguardWarmup = false,
  }: ProdigyOptions = {},
): GradientTransformation => {
  const [b1, b2] = betas
  const b3 = beta3 ?? (typeof b2 === 'number' ? Math.sqrt(b2) : sqrt(b2))
  return new GradientTransformation(
    fn,
    { learningRate, betas: [b1, b2], beta3, eps, estimLr0, estimLrCoef, weightDecay, safeguardWarmup },
    {
      init: (params) => {
        const dtype = lowestFloat(params)
        return {
          expAvg: zerosLikeTree(params),
          expAvgSq: zerosLikeTree(params),
          gradSum: zerosLikeTree(params),
          params0: mapLeaves((p) => p.asTensor(), params),
          estimLr: array(estimLr0, { dtype }),
          numeratorWeighted: array(0, { dtype }),
          count: zeroCount(),
        }
      },
      update: (updates, state: ProdigyState, given) => {
        const {
          columns: [g, p, p0, m, v, s],
          build,
        } = align(fn, updates, requireParams(fn, given), state.params0, state.expAvg, state.expAvgSq, state.gradSum)
        const { estimLr } = state
        const { dtype } = estimLr
        const count = increment(state.count)
        const rate = rateAt(fn, learningRate, state.count, dtype)
        const step = mul(estimLr, rate).mul(biasCorrection(betas, count)).astype(dtype)
        const scaled = g!.map((x) => mul(x, estimLr))
        const expAvg = scaled.map((x, i) => mul(m![i]!, b1).add(mul(x, oneMinus(b1))))
        const expAvgSq = scaled.map((x, i) => mul(v![i]!, b2).add(mul(square(x), oneMinus(b2))))
        const weight = div(safeguardWarmup ? estimLr : step, estimLr0)
        const gradSum = scaled.map((x, i) => mul(s![i]!, b3).add(mul(x, weight)))
        const along = vdotTree(
          fn,
          g!,
          p0!.map((x, i) => sub(x, p![i]!)),
        )
        const numerator = mul(state.numeratorWeighted, b3)
          .add(div(estimLr, estimLr0).mul(step).mul(along))
          .astype(dtype)
        const denominator = gradSum.map((x) => sum(abs(x))).reduce((a, b) => add(a, b))
        const estimate = mul(numerator, estimLrCoef).div(denominator)
        const nextLr = maximum(estimLr, estimate).astype(dtype)
        const out = expAvg.map((x, i) =>
          mul(p![i]!, neg(mul(step, weightDecay))).sub(mul(x, step).div(sqrt(expAvgSq[i]!).add(mul(nextLr, eps)))),
        )
        return [
          build(out),
          {
            expAvg: build(expAvg),
            expAvgSq: build(expAvgSq),
            gradSum: build(gradSum),
            params0: state.params0,
            estimLr: nextLr,
            numeratorWeighted: numerator,
            count,
          },
        ]
      },
    },
  )
}

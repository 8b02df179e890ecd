import {
  abs,
  add,
  array,
  div,
  maximum,
  mul,
  neg,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  type TensorLike,
} from '@linum/tensor'
import { increment, zeroCount } from '../count.js'
import { lowestFloat } from '../dtypes.js'
import { align, zerosLikeTree } from '../leaves.js'
import { oneMinus } from '../moment.js'
import { requireParams } from '../params.js'
import type { ScalarOrSchedule } from '../schedules/schedule.js'
import { GradientTransformation } from '../transformation.js'
import { vdotTree } from '../tree-sums.js'
import { biasCorrection, rateAt } from './prodigy.js'

export interface DadaptOptions {
  /** Decays of the averages of gradients and of their squares; 0.9 and 0.999. */
  readonly betas?: readonly [number, number]
  /** Added outside the square root; 1e-8. */
  readonly eps?: TensorLike
  /** The first estimate of the learning rate; 1e-6. */
  readonly estimLr0?: number
  /** 0. */
  readonly weightDecay?: TensorLike
}

interface DadaptState {
  readonly expAvg: unknown
  readonly expAvgSq: unknown
  readonly gradSum: unknown
  readonly estimLr: Tensor
  readonly numeratorWeighted: Tensor
  readonly count: Tensor
}

const fn = 'dadaptAdamw'

/**
 * AdamW by D-Adaptation (Defazio and Mishchenko 2023), which estimates its learning rate; `learningRate` is a factor, or
 * schedule, of the estimate. Needs `params` at `update`.
 */
export const dadaptAdamw = (
  learningRate: ScalarOrSchedule = 1,
  { betas = [0.9, 0.999], eps = 1e-8, estimLr0 = 1e-6, weightDecay = 0 }: DadaptOptions = {},
): GradientTransformation => {
  const [b1, b2] = betas
  const root = Math.sqrt(b2)
  return new GradientTransformation(
    fn,
    { learningRate, betas: [b1, b2], eps, estimLr0, weightDecay },
    {
      init: (params) => {
        const dtype = lowestFloat(params)
        return {
          expAvg: zerosLikeTree(params),
          expAvgSq: zerosLikeTree(params),
          gradSum: zerosLikeTree(params),
          estimLr: array(estimLr0, { dtype }),
          numeratorWeighted: array(0, { dtype }),
          count: zeroCount(),
        }
      },
      update: (updates, state: DadaptState, given) => {
        const {
          columns: [g, p, m, v, s],
          build,
        } = align(fn, updates, requireParams(fn, given), state.expAvg, state.expAvgSq, state.gradSum)
        const { dtype } = state.estimLr
        const count = increment(state.count)
        const rate = rateAt(fn, learningRate, state.count, dtype)
        const step = mul(state.estimLr, rate).mul(biasCorrection(betas, count)).astype(dtype)
        const weighted = s!.map((x, i) => div(x, sqrt(v![i]!).add(eps)))
        const along = vdotTree(fn, g!, weighted)
        const expAvg = g!.map((x, i) => mul(m![i]!, b1).add(mul(x, mul(step, oneMinus(b1)))))
        const expAvgSq = g!.map((x, i) => mul(v![i]!, b2).add(mul(square(x), oneMinus(b2))))
        const gradSum = g!.map((x, i) => mul(s![i]!, root).add(mul(x, mul(step, 1 - root))))
        const length = gradSum.map((x) => sum(abs(x))).reduce((a, b) => add(a, b))
        const numerator = mul(state.numeratorWeighted, root)
          .add(mul(step, along).mul(1 - root))
          .astype(dtype)
        const estimLr = maximum(state.estimLr, div(numerator, length.mul(1 - root))).astype(dtype)
        const out = expAvg.map((x, i) =>
          sub(mul(p![i]!, neg(mul(step, weightDecay))), x.div(sqrt(expAvgSq[i]!).add(eps))),
        )
        return [
          build(out),
          {
            expAvg: build(expAvg),
            expAvgSq: build(expAvgSq),
            gradSum: build(gradSum),
            estimLr,
            numeratorWeighted: numerator,
            count,
          },
        ]
      },
    },
  )
}

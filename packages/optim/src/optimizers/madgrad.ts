import { add, cbrt, div, mul, sqrt, square, sub, type Tensor, type TensorLike } from '@linum/tensor'
import { chain } from '../chain.js'
import { increment, zeroCount } from '../count.js'
import { align, mapLeaves, zerosLikeTree } from '../leaves.js'
import { oneMinus } from '../moment.js'
import { requireParams } from '../params.js'
import { isScheduled, type ScalarOrSchedule } from '../schedules/schedule.js'
import { GradientTransformation, named } from '../transformation.js'
import { addDecayedWeights } from '../transformations/decayed-weights.js'

export interface MadgradScaling {
  /** How much of the parameters remains at a step; 0.9. */
  readonly momentum?: TensorLike
  /** Added to the learning rate and to the cube root; 1e-6. */
  readonly eps?: TensorLike
}

interface MadgradState {
  readonly count: Tensor
  readonly gradSumSq: unknown
  readonly s: unknown
  readonly x0: unknown
}

const fn = 'scaleByMadgrad'

/** Dual averaging by the cube root of the sum of squares (Defazio and Jelassi 2022). The learning rate is inside, so nothing follows. Needs `params` at `update`. */
export const scaleByMadgrad = (
  learningRate: ScalarOrSchedule,
  { momentum = 0.9, eps = 1e-6 }: MadgradScaling = {},
): GradientTransformation =>
  new GradientTransformation(
    fn,
    { learningRate, momentum, eps },
    {
      init: (params) => ({
        count: zeroCount(),
        gradSumSq: zerosLikeTree(params),
        s: zerosLikeTree(params),
        x0: mapLeaves((p) => p.asTensor(), params),
      }),
      update: (updates, state: MadgradState, params) => {
        const {
          columns: [g, p, squares, sums, x0],
          build,
        } = align(fn, updates, requireParams(fn, params), state.gradSumSq, state.s, state.x0)
        const rate = isScheduled(learningRate) ? learningRate(state.count) : learningRate
        const weight = mul(sqrt(state.count.add(1).astype('float32')), add(rate, eps))
        const gradSumSq = g!.map((x, i) => add(squares![i]!, mul(square(x), weight).astype(x.dtype)))
        const s = g!.map((x, i) => add(sums![i]!, mul(x, weight).astype(x.dtype)))
        const out = p!.map((x, i) => {
          const z = sub(x0![i]!, div(s[i]!, cbrt(gradSumSq[i]!).add(eps)))
          return mul(z, oneMinus(momentum)).add(mul(x, momentum)).sub(x)
        })
        return [build(out), { count: increment(state.count), gradSumSq: build(gradSumSq), s: build(s), x0: state.x0 }]
      },
    },
  )

export interface MadgradOptions extends MadgradScaling {
  /** How much of the parameters is added to the gradients; 0. */
  readonly weightDecay?: ScalarOrSchedule
}

/** MADGRAD (Defazio and Jelassi 2022). Needs `params` at `update`. */
export const madgrad = (
  learningRate: ScalarOrSchedule,
  { weightDecay = 0, ...options }: MadgradOptions = {},
): GradientTransformation => {
  const averaged = scaleByMadgrad(learningRate, options)
  return named('madgrad', { ...averaged.hyperparameters, weightDecay }, chain(addDecayedWeights(weightDecay), averaged))
}

import { add, mul, rsqrt, square, sub, type TensorLike, type Tensor } from '@linum/tensor'
import { chain } from '../chain.js'
import { isScheduled, type ScalarOrSchedule } from '../schedules/schedule.js'
import { type GradientTransformation, named } from '../transformation.js'
import { addDecayedWeights } from '../transformations/decayed-weights.js'
import { scaleByLearningRate } from '../transformations/scale.js'
import { scaleByTrustRatio } from '../transformations/trust-ratio.js'

export interface FromageOptions {
  /** What the norms of parameters and updates are at least; 1e-6. */
  readonly minNorm?: TensorLike
}

const shrink = (learningRate: TensorLike): TensorLike =>
  typeof learningRate === 'number'
    ? 1 / Math.sqrt(1 + learningRate ** 2)
    : rsqrt(add(square(learningRate), 1).astype('float32'))

/** Fromage (Bernstein et al. 2020): each leaf turns by the learning rate and keeps its size. Needs `params` at `update`. */
export const fromage = (
  learningRate: ScalarOrSchedule,
  { minNorm = 1e-6 }: FromageOptions = {},
): GradientTransformation => {
  const of =
    (f: (rate: TensorLike) => TensorLike): ((rate: ScalarOrSchedule) => ScalarOrSchedule) =>
    (rate) =>
      isScheduled(rate) ? (count: Tensor) => f(rate(count)) : f(rate)
  const rate = of((x) => (typeof x === 'number' ? x * (shrink(x) as number) : mul(x, shrink(x))))
  const decay = of((x) => (typeof x === 'number' ? (shrink(x) as number) - 1 : sub(shrink(x), 1)))
  return named(
    'fromage',
    { learningRate, minNorm },
    chain(
      scaleByTrustRatio({ minNorm }),
      scaleByLearningRate(rate(learningRate)),
      addDecayedWeights(decay(learningRate)),
    ),
  )
}

import { abs, add, maximum, mul, onesLike, sub, type TensorLike } from '@linum/tensor'
import { chain } from '../chain.js'
import { align, mapLeaves, zerosLikeTree } from '../leaves.js'
import { requireParams } from '../params.js'
import type { ScalarOrSchedule } from '../schedules/schedule.js'
import { GradientTransformation, named } from '../transformation.js'
import { addDecayedWeights } from '../transformations/decayed-weights.js'
import { scaleByLearningRate } from '../transformations/scale.js'
import type { WeightDecayOptions } from './descend.js'

export interface CocobScaling {
  /** How slow the first steps are; 100. */
  readonly alpha?: TensorLike
  /** What the largest gradient starts from; 1e-8. */
  readonly eps?: TensorLike
}

interface CocobState {
  readonly initParticles: unknown
  readonly cumulativeGradients: unknown
  readonly scale: unknown
  readonly subgradients: unknown
  readonly reward: unknown
}

const fn = 'scaleByCocob'

/** Steps as bets on coins, without a learning rate (Orabona and Tommasi 2017). Needs `params` at `update`. */
export const scaleByCocob = ({ alpha = 100, eps = 1e-8 }: CocobScaling = {}): GradientTransformation =>
  new GradientTransformation(
    fn,
    { alpha, eps },
    {
      init: (params) => ({
        initParticles: mapLeaves((p) => p.asTensor(), params),
        cumulativeGradients: zerosLikeTree(params),
        scale: mapLeaves((p) => mul(onesLike(p), eps), params),
        subgradients: zerosLikeTree(params),
        reward: zerosLikeTree(params),
      }),
      update: (updates, state: CocobState, params) => {
        const {
          columns: [c, p, p0, sums, scales, magnitudes, rewards],
          build,
        } = align(
          fn,
          updates,
          requireParams(fn, params),
          state.initParticles,
          state.cumulativeGradients,
          state.scale,
          state.subgradients,
          state.reward,
        )
        const scale = c!.map((x, i) => maximum(scales![i]!, abs(x)))
        const magnitude = c!.map((x, i) => add(magnitudes![i]!, abs(x)))
        const reward = c!.map((x, i) => maximum(sub(rewards![i]!, mul(x, sub(p![i]!, p0![i]!))), 0))
        const total = c!.map((x, i) => sub(sums![i]!, x))
        const out = scale.map((l, i) => {
          const bet = total[i]!.div(mul(l, maximum(add(magnitude[i]!, l), mul(l, alpha)))).mul(add(l, reward[i]!))
          return add(p0![i]!, bet).sub(p![i]!)
        })
        return [
          build(out),
          {
            initParticles: state.initParticles,
            cumulativeGradients: build(total),
            scale: build(scale),
            subgradients: build(magnitude),
            reward: build(reward),
          },
        ]
      },
    },
  )

export interface CocobOptions extends CocobScaling, WeightDecayOptions {
  /** 0. */
  readonly weightDecay?: ScalarOrSchedule
}

/** COCOB (Orabona and Tommasi 2017); `learningRate` is a factor of the gradients. Needs `params` at `update`. */
export const cocob = (
  learningRate: ScalarOrSchedule = 1,
  { weightDecay = 0, mask, ...options }: CocobOptions = {},
): GradientTransformation => {
  const bets = scaleByCocob(options)
  return named(
    'cocob',
    { learningRate, ...bets.hyperparameters, weightDecay, mask },
    chain(addDecayedWeights(weightDecay, { mask }), scaleByLearningRate(learningRate, { flipSign: false }), bets),
  )
}

import { add, mul, square, type Tensor, type TensorLike } from '@linum/tensor'
import { increment, zeroCount } from '../count.js'
import { align, castAll, zerosLikeTree } from '../leaves.js'
import { debias, debiasDivisor, denominator, firstMoment, oneMinus, secondMoment } from '../moment.js'
import { isScheduled, type ScalarOrSchedule } from '../schedules/schedule.js'
import { GradientTransformation } from '../transformation.js'
import type { AdamOptions } from '../transformations/adam.js'
import { descendWithDecay, type WeightDecayOptions } from './descend.js'

export interface AdemamixScaling extends Omit<AdamOptions, 'nesterov'> {
  /** Decay of the slow average of gradients, or its schedule; 0.9999. */
  readonly b3?: ScalarOrSchedule
  /** Weight of the slow average, or its schedule. */
  readonly alpha?: ScalarOrSchedule
}

interface AdemamixState {
  readonly count: Tensor
  readonly countM2: Tensor
  readonly m1: unknown
  readonly m2: unknown
  readonly nu: unknown
}

const at = (x: ScalarOrSchedule, count: Tensor): TensorLike => (isScheduled(x) ? x(count) : x)

/** `scaleByAdam` with a second, slow average of gradients besides (Pagliardini, Ablin and Grangier 2024). `alpha` is 6. */
export const scaleByAdemamix = ({
  b1 = 0.9,
  b2 = 0.999,
  b3 = 0.9999,
  alpha = 6,
  eps = 1e-8,
  epsRoot = 0,
  muDtype,
}: AdemamixScaling = {}): GradientTransformation =>
  new GradientTransformation(
    'scaleByAdemamix',
    { b1, b2, b3, alpha, eps, epsRoot, muDtype },
    {
      init: (params) => ({
        count: zeroCount(),
        countM2: zeroCount(),
        m1: zerosLikeTree(params, muDtype),
        m2: zerosLikeTree(params, muDtype),
        nu: zerosLikeTree(params, muDtype),
      }),
      update: (updates, state: AdemamixState) => {
        const {
          columns: [g, fast, slow, v],
          build,
        } = align('scaleByAdemamix', updates, state.m1, state.m2, state.nu)
        const [decay, weight] = [at(b3, state.countM2), at(alpha, state.countM2)]
        const count = increment(state.count)
        const divisor1 = debiasDivisor(b1, count)
        const divisor2 = debiasDivisor(b2, count)
        const m1 = g!.map((x, i) => firstMoment(x, fast![i]!, b1))
        const m2 = g!.map((x, i) => firstMoment(x, slow![i]!, decay))
        const nu = g!.map((x, i) => secondMoment(x, v![i]!, b2))
        const out = m1.map((x, i) =>
          add(debias(x, divisor1), mul(m2[i]!, weight)).div(denominator(debias(nu[i]!, divisor2), eps, epsRoot)),
        )
        const kept = (moments: readonly Tensor[]): unknown => build(castAll(moments, muDtype))
        return [build(out), { count, countM2: increment(state.countM2), m1: kept(m1), m2: kept(m2), nu: kept(nu) }]
      },
    },
  )

export interface AdemamixOptions extends AdemamixScaling, WeightDecayOptions {
  /** Multiplied by the learning rate too; 0. */
  readonly weightDecay?: ScalarOrSchedule
}

/** AdEMAMix (Pagliardini, Ablin and Grangier 2024). `alpha` is 5. Needs `params` at `update`. */
export const ademamix = (
  learningRate: ScalarOrSchedule,
  { weightDecay = 0, mask, alpha = 5, ...options }: AdemamixOptions = {},
): GradientTransformation =>
  descendWithDecay('ademamix', learningRate, scaleByAdemamix({ ...options, alpha }), weightDecay, mask)

export interface SimplifiedAdemamixScaling {
  /** Decay of the trace of gradients; 0.99. */
  readonly b1?: TensorLike
  /** Decay of the average of squared gradients; 0.95. */
  readonly b2?: TensorLike
  /** Weight of the gradient itself, or its schedule; 0. */
  readonly alpha?: ScalarOrSchedule
  /** Added outside the square root; 1e-8. */
  readonly eps?: TensorLike
  /** Added inside the square root; 0. */
  readonly epsRoot?: TensorLike
}

interface SimplifiedState {
  readonly t: Tensor
  readonly m: unknown
  readonly n: unknown
}

/** One trace of gradients, plus `alpha` times the gradient, over the root of the average of squares (Morwani et al. 2025). */
export const scaleBySimplifiedAdemamix = ({
  b1 = 0.99,
  b2 = 0.95,
  alpha = 0,
  eps = 1e-8,
  epsRoot = 0,
}: SimplifiedAdemamixScaling = {}): GradientTransformation =>
  new GradientTransformation(
    'scaleBySimplifiedAdemamix',
    { b1, b2, alpha, eps, epsRoot },
    {
      init: (params) => ({ t: zeroCount(), m: zerosLikeTree(params), n: zerosLikeTree(params) }),
      update: (updates, state: SimplifiedState) => {
        const {
          columns: [g, trace, squares],
          build,
        } = align('scaleBySimplifiedAdemamix', updates, state.m, state.n)
        const weight = at(alpha, state.t)
        const t = increment(state.t)
        const divisor = debiasDivisor(b2, t)
        const m = g!.map((x, i) => add(mul(trace![i]!, b1), x))
        const n = g!.map((x, i) => mul(square(x), oneMinus(b2)).add(mul(squares![i]!, b2)))
        const out = m.map((x, i) => add(mul(g![i]!, weight), x).div(denominator(debias(n[i]!, divisor), eps, epsRoot)))
        return [build(out), { t, m: build(m), n: build(n) }]
      },
    },
  )

export interface SimplifiedAdemamixOptions extends SimplifiedAdemamixScaling, WeightDecayOptions {
  /** Multiplied by the learning rate too; 0. */
  readonly weightDecay?: ScalarOrSchedule
}

/** Simplified AdEMAMix (Morwani et al. 2025). Needs `params` at `update`. */
export const simplifiedAdemamix = (
  learningRate: ScalarOrSchedule,
  { weightDecay = 0, mask, ...options }: SimplifiedAdemamixOptions = {},
): GradientTransformation =>
  descendWithDecay('simplifiedAdemamix', learningRate, scaleBySimplifiedAdemamix(options), weightDecay, mask)

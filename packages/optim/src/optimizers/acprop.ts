import { div, equal, sqrt, sub, type Tensor, type TensorLike, where } from '@linum/tensor'
import { increment, zeroCount } from '../count.js'
import { align, zerosLikeTree } from '../leaves.js'
import { debias, debiasDivisor, firstMoment, secondMoment } from '../moment.js'
import type { ScalarOrSchedule } from '../schedules/schedule.js'
import { GradientTransformation } from '../transformation.js'
import type { MomentOptions } from '../transformations/adam.js'
import { descendWithDecay, type WeightDecayOptions } from './descend.js'

export interface AcpropScaling extends MomentOptions {
  /** Added outside the square root; 1e-16. */
  readonly eps?: TensorLike
  /** Added to the average of squared errors at every step; 1e-16. */
  readonly epsRoot?: TensorLike
}

interface AcpropState {
  readonly count: Tensor
  readonly mu: unknown
  readonly nu: unknown
}

/** Gradients over the deviation from their average that was known before them (Zhuang et al. 2021). */
export const scaleByAcprop = ({
  b1 = 0.9,
  b2 = 0.999,
  eps = 1e-16,
  epsRoot = 1e-16,
}: AcpropScaling = {}): GradientTransformation =>
  new GradientTransformation(
    'scaleByAcprop',
    { b1, b2, eps, epsRoot },
    {
      init: (params) => ({ count: zeroCount(), mu: zerosLikeTree(params), nu: zerosLikeTree(params) }),
      update: (updates, state: AcpropState) => {
        const {
          columns: [g, m, v],
          build,
        } = align('scaleByAcprop', updates, state.mu, state.nu)
        const first = equal(state.count, 0)
        const count = increment(state.count)
        const divisor = debiasDivisor(b2, where(first, count, state.count))
        const mu = g!.map((x, i) => firstMoment(x, m![i]!, b1))
        const nu = g!.map((x, i) => secondMoment(sub(x, m![i]!), v![i]!, b2).add(epsRoot))
        const out = g!.map((x, i) => div(x, sqrt(where(first, 1, debias(v![i]!, divisor))).add(eps)))
        return [build(out), { count, mu: build(mu), nu: build(nu) }]
      },
    },
  )

export interface AcpropOptions extends AcpropScaling, WeightDecayOptions {
  /** Multiplied by the learning rate too; 0. */
  readonly weightDecay?: ScalarOrSchedule
}

/** ACProp (Zhuang et al. 2021): asynchronous AdaBelief. Needs `params` at `update`. */
export const acprop = (
  learningRate: ScalarOrSchedule,
  { weightDecay = 0, mask, ...options }: AcpropOptions = {},
): GradientTransformation => descendWithDecay('acprop', learningRate, scaleByAcprop(options), weightDecay, mask)

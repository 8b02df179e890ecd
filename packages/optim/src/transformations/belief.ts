import { sub, type Tensor, type TensorLike } from '@linum/tensor'
import { increment, zeroCount } from '../count.js'
import { align, zerosLikeTree } from '../leaves.js'
import { debias, debiasDivisor, debiasMeans, firstMoment, secondMoment } from '../moment.js'
import { GradientTransformation } from '../transformation.js'
import type { MomentOptions } from './adam.js'

export interface BeliefOptions extends MomentOptions {
  /** Added outside the square root; 1e-16. */
  readonly eps?: TensorLike
  /** Added to the average of squared errors at every step, and kept there; 1e-16. */
  readonly epsRoot?: TensorLike
  /** Whether the average of gradients looks one step ahead. */
  readonly nesterov?: boolean
}

interface BeliefState {
  readonly count: Tensor
  readonly mu: unknown
  readonly nu: unknown
}

/** `scaleByAdam` with the squared distance of the gradient from its average in the place of its square (Zhuang et al. 2020). */
export const scaleByBelief = ({
  b1 = 0.9,
  b2 = 0.999,
  eps = 1e-16,
  epsRoot = 1e-16,
  nesterov = false,
}: BeliefOptions = {}): GradientTransformation =>
  new GradientTransformation(
    'scaleByBelief',
    { b1, b2, eps, epsRoot, nesterov },
    {
      init: (params) => ({ count: zeroCount(), mu: zerosLikeTree(params), nu: zerosLikeTree(params) }),
      update: (updates, state: BeliefState) => {
        const {
          columns: [g, m, v],
          build,
        } = align('scaleByBelief', updates, state.mu, state.nu)
        const count = increment(state.count)
        const divisor = debiasDivisor(b2, count)
        const mu = g!.map((x, i) => firstMoment(x, m![i]!, b1))
        const nu = g!.map((x, i) => secondMoment(sub(x, mu[i]!), v![i]!, b2).add(epsRoot))
        const means = debiasMeans(mu, g!, b1, count, nesterov)
        const out = means.map((mean, i) => mean.div(debias(nu[i]!, divisor).sqrt().add(eps)))
        return [build(out), { count, mu: build(mu), nu: build(nu) }]
      },
    },
  )

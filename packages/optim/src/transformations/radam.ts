import { div, greaterEqual, mul, pow, sqrt, sub, type Tensor, type TensorLike, where } from '@linum/tensor'
import { increment, zeroCount } from '../count.js'
import { align, zerosLikeTree } from '../leaves.js'
import { debias, debiasDivisor, debiasMeans, denominator, firstMoment, oneMinus, secondMoment } from '../moment.js'
import { GradientTransformation } from '../transformation.js'
import type { AdamOptions } from './adam.js'

export interface RadamOptions extends Omit<AdamOptions, 'muDtype'> {
  /** The length of the average of squares from which on it is trusted; 5. */
  readonly threshold?: TensorLike
}

interface RadamState {
  readonly count: Tensor
  readonly mu: unknown
  readonly nu: unknown
}

/** (ro - 4)(ro - 2) limit / ((limit - 4)(limit - 2) ro), the rectification of a variance known from so few steps. */
const rectification = (ro: Tensor, limit: Tensor): Tensor =>
  sqrt(
    mul(sub(ro, 4), sub(ro, 2))
      .mul(limit)
      .div(mul(sub(limit, 4), sub(limit, 2)).mul(ro)),
  )

/** `scaleByAdam` that leaves the variance out as long as it is known from too few steps, and rectifies it then (Liu et al. 2020). */
export const scaleByRadam = ({
  b1 = 0.9,
  b2 = 0.999,
  eps = 1e-8,
  epsRoot = 0,
  threshold = 5,
  nesterov = false,
}: RadamOptions = {}): GradientTransformation =>
  new GradientTransformation(
    'scaleByRadam',
    { b1, b2, eps, epsRoot, threshold, nesterov },
    {
      init: (params) => ({ count: zeroCount(), mu: zerosLikeTree(params), nu: zerosLikeTree(params) }),
      update: (updates, state: RadamState) => {
        const {
          columns: [g, m, v],
          build,
        } = align('scaleByRadam', updates, state.mu, state.nu)
        const count = increment(state.count)
        const t = count.astype('float32')
        const power = pow(b2, t)
        const limit = div(2, oneMinus(b2)).sub(1).astype('float32')
        const ro = sub(limit, mul(t, 2).mul(power).div(sub(1, power)))
        const r = rectification(ro, limit)
        const trusted = greaterEqual(ro, threshold)
        const divisor = debiasDivisor(b2, count)
        const mu = g!.map((x, i) => firstMoment(x, m![i]!, b1))
        const nu = g!.map((x, i) => secondMoment(x, v![i]!, b2))
        const out = debiasMeans(mu, g!, b1, count, nesterov).map((mean, i) =>
          where(trusted, mul(r.astype(mean.dtype), mean).div(denominator(debias(nu[i]!, divisor), eps, epsRoot)), mean),
        )
        return [build(out), { count, mu: build(mu), nu: build(nu) }]
      },
    },
  )

import { abs, maximum, mul, type Tensor } from '@linum/tensor'
import { increment, zeroCount } from '../count.js'
import { align, zerosLikeTree } from '../leaves.js'
import { debias, debiasDivisor, firstMoment } from '../moment.js'
import { GradientTransformation } from '../transformation.js'
import type { MomentOptions } from './adam.js'

interface AdamaxState {
  readonly count: Tensor
  readonly mu: unknown
  readonly nu: unknown
}

/** mhat / v, where v = max(|g| + eps, b2 v) is the decaying largest gradient (Kingma and Ba 2015, algorithm 2). `eps` is 1e-8. */
export const scaleByAdamax = ({ b1 = 0.9, b2 = 0.999, eps = 1e-8 }: MomentOptions = {}): GradientTransformation =>
  new GradientTransformation(
    'scaleByAdamax',
    { b1, b2, eps },
    {
      init: (params) => ({ count: zeroCount(), mu: zerosLikeTree(params), nu: zerosLikeTree(params) }),
      update: (updates, state: AdamaxState) => {
        const {
          columns: [g, m, v],
          build,
        } = align('scaleByAdamax', updates, state.mu, state.nu)
        const count = increment(state.count)
        const divisor = debiasDivisor(b1, count)
        const mu = g!.map((x, i) => firstMoment(x, m![i]!, b1))
        const nu = g!.map((x, i) => maximum(abs(x).add(eps), mul(v![i]!, b2)))
        return [build(mu.map((x, i) => debias(x, divisor).div(nu[i]!))), { count, mu: build(mu), nu: build(nu) }]
      },
    },
  )

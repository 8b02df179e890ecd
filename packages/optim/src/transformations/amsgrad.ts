import { maximum, type Tensor } from '@linum/tensor'
import { increment, zeroCount } from '../count.js'
import { align, castAll, zerosLikeTree } from '../leaves.js'
import { debias, debiasDivisor, denominator, firstMoment, secondMoment } from '../moment.js'
import { GradientTransformation } from '../transformation.js'
import type { AdamOptions } from './adam.js'

export interface AmsgradOptions extends Omit<AdamOptions, 'nesterov'> {
  /** Whether the average of gradients is corrected for its start at 0; true. */
  readonly biasCorrectionMu?: boolean
  /** Whether the average of squares is, before its largest value is taken; true. */
  readonly biasCorrectionNu?: boolean
}

interface AmsgradState {
  readonly count: Tensor
  readonly mu: unknown
  readonly nu: unknown
  readonly nuMax: unknown
}

/** `scaleByAdam` with the largest average of squares so far in the place of the current one (Reddi, Kale and Kumar 2018). */
export const scaleByAmsgrad = ({
  b1 = 0.9,
  b2 = 0.999,
  eps = 1e-8,
  epsRoot = 0,
  muDtype,
  biasCorrectionMu = true,
  biasCorrectionNu = true,
}: AmsgradOptions = {}): GradientTransformation =>
  new GradientTransformation(
    'scaleByAmsgrad',
    { b1, b2, eps, epsRoot, muDtype, biasCorrectionMu, biasCorrectionNu },
    {
      init: (params) => ({
        count: zeroCount(),
        mu: zerosLikeTree(params, muDtype),
        nu: zerosLikeTree(params),
        nuMax: zerosLikeTree(params),
      }),
      update: (updates, state: AmsgradState) => {
        const {
          columns: [g, m, v, largest],
          build,
        } = align('scaleByAmsgrad', updates, state.mu, state.nu, state.nuMax)
        const count = increment(state.count)
        const divisor1 = debiasDivisor(b1, count)
        const divisor2 = debiasDivisor(b2, count)
        const mu = g!.map((x, i) => firstMoment(x, m![i]!, b1))
        const nu = g!.map((x, i) => secondMoment(x, v![i]!, b2))
        const nuMax = nu.map((x, i) => maximum(largest![i]!, biasCorrectionNu ? debias(x, divisor2) : x))
        const out = mu.map((x, i) =>
          (biasCorrectionMu ? debias(x, divisor1) : x).div(denominator(nuMax[i]!, eps, epsRoot)),
        )
        return [build(out), { count, mu: build(castAll(mu, muDtype)), nu: build(nu), nuMax: build(nuMax) }]
      },
    },
  )

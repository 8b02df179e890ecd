import type { ArrayOps, Tensor } from '@linum/tensor'
import { increment, zeroCount } from '../count.js'
import { align, zerosLikeTree } from '../leaves.js'
import { debias, debiasDivisor, firstMoment, secondMoment } from '../moment.js'
import { GradientTransformation } from '../transformation.js'

export interface AdamOptions {
  /** Decay of the average of gradients; 0.9. */
  readonly b1?: number
  /** Decay of the average of squared gradients; 0.999. */
  readonly b2?: number
  /** Added outside the square root; 1e-8. */
  readonly eps?: number
  /** Added inside the square root; 0. */
  readonly epsRoot?: number
  /** Whether the average of gradients looks one step ahead (Dozat 2016). */
  readonly nesterov?: boolean
}

interface AdamState {
  readonly count: Tensor
  readonly mu: unknown
  readonly nu: unknown
}

/**
 * mhat / (sqrt(vhat + epsRoot) + eps), where mhat and vhat are the averages of gradients and of their squares,
 * corrected for their start at 0 (Kingma and Ba 2015, algorithm 1).
 */
export const scaleByAdam = ({
  b1 = 0.9,
  b2 = 0.999,
  eps = 1e-8,
  epsRoot = 0,
  nesterov = false,
}: AdamOptions = {}): GradientTransformation =>
  new GradientTransformation(
    'scaleByAdam',
    { b1, b2, eps, epsRoot, nesterov },
    {
      init: (params) => ({ count: zeroCount(), mu: zerosLikeTree(params), nu: zerosLikeTree(params) }),
      update: (updates, state: AdamState) => {
        const {
          columns: [g, m, v],
          build,
        } = align('scaleByAdam', updates, state.mu, state.nu)
        const count = increment(state.count)
        const divisor1 = debiasDivisor(b1, count)
        const divisor2 = debiasDivisor(b2, count)
        const ahead = nesterov ? debiasDivisor(b1, increment(count)) : null
        const mu = g!.map((x, i) => firstMoment(x, m![i]!, b1))
        const nu = g!.map((x, i) => secondMoment(x, v![i]!, b2))
        const average = (x: ArrayOps, i: number): Tensor =>
          ahead === null
            ? debias(mu[i]!, divisor1)
            : debias(mu[i]!, ahead)
                .mul(b1)
                .add(debias(x, divisor1).mul(1 - b1))
        const scaled = g!.map((x, i) => {
          const variance = debias(nu[i]!, divisor2)
          // Adding 0 would be one more operation for each leaf.
          const root = (epsRoot === 0 ? variance : variance.add(epsRoot)).sqrt()
          return average(x, i).div(root.add(eps))
        })
        return [build(scaled), { count, mu: build(mu), nu: build(nu) }]
      },
    },
  )

import { type DType, type Tensor, type TensorLike } from '@linum/tensor'
import { increment, zeroCount } from '../count.js'
import { align, castAll, zerosLikeTree } from '../leaves.js'
import { debias, debiasDivisor, debiasMeans, denominator, firstMoment, secondMoment } from '../moment.js'
import { GradientTransformation } from '../transformation.js'

export interface MomentOptions {
  /** Decay of the average of gradients; 0.9. */
  readonly b1?: TensorLike
  /** Decay of the average of squared gradients; 0.999. */
  readonly b2?: TensorLike
  /** Added outside the square root. */
  readonly eps?: TensorLike
}

export interface AdamOptions extends MomentOptions {
  /** Added outside the square root; 1e-8. */
  readonly eps?: TensorLike
  /** Added inside the square root; 0. */
  readonly epsRoot?: TensorLike
  /** Whether the average of gradients looks one step ahead (Dozat 2016). */
  readonly nesterov?: boolean
  /** In which dtype the average of gradients is kept; the parameters' own if absent. */
  readonly muDtype?: DType | undefined
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
  muDtype,
}: AdamOptions = {}): GradientTransformation =>
  new GradientTransformation(
    'scaleByAdam',
    { b1, b2, eps, epsRoot, nesterov, muDtype },
    {
      init: (params) => ({ count: zeroCount(), mu: zerosLikeTree(params, muDtype), nu: zerosLikeTree(params) }),
      update: (updates, state: AdamState) => {
        const {
          columns: [g, m, v],
          build,
        } = align('scaleByAdam', updates, state.mu, state.nu)
        const count = increment(state.count)
        const divisor = debiasDivisor(b2, count)
        const mu = g!.map((x, i) => firstMoment(x, m![i]!, b1))
        const nu = g!.map((x, i) => secondMoment(x, v![i]!, b2))
        const means = debiasMeans(mu, g!, b1, count, nesterov)
        const scaled = means.map((mean, i) => mean.div(denominator(debias(nu[i]!, divisor), eps, epsRoot)))
        return [
          build(scaled),
          { count, mu: build(castAll(mu, muDtype)), nu: build(nu.map((x, i) => x.astype(v![i]!.dtype))) },
        ]
      },
    },
  )

import { type DType, equal, mul, square, sum, type Tensor, type TensorLike, where, zeros } from '@linum/tensor'
import { increment, zeroCount } from '../count.js'
import { align, castAll, mapLeaves, zerosLikeTree } from '../leaves.js'
import { denominator, oneMinus } from '../moment.js'
import { requireParams } from '../params.js'
import { GradientTransformation } from '../transformation.js'

export interface NovogradOptions {
  /** How much of the trace of updates remains; 0.9. */
  readonly b1?: TensorLike
  /** Decay of the average of squared norms; 0.25. */
  readonly b2?: TensorLike
  /** Added outside the square root. */
  readonly eps?: TensorLike
  /** Added inside the square root; 0. */
  readonly epsRoot?: TensorLike
  /** How much of the parameters is added before the trace; 0. */
  readonly weightDecay?: TensorLike
  /** In which dtype the trace is kept; the parameters' own if absent. */
  readonly muDtype?: DType | undefined
}

interface NovogradState {
  readonly count: Tensor
  readonly mu: unknown
  readonly nu: unknown
}

/**
 * The trace of gradients over the root of the average of their squared norms, one number per leaf (Ginsburg et al.
 * 2019). `eps` is 1e-8. Needs `params` at `update`.
 */
export const scaleByNovograd = ({
  b1 = 0.9,
  b2 = 0.25,
  eps = 1e-8,
  epsRoot = 0,
  weightDecay = 0,
  muDtype,
}: NovogradOptions = {}): GradientTransformation =>
  new GradientTransformation(
    'scaleByNovograd',
    { b1, b2, eps, epsRoot, weightDecay, muDtype },
    {
      init: (params) => ({
        count: zeroCount(),
        mu: zerosLikeTree(params, muDtype),
        nu: mapLeaves((p) => zeros([], { dtype: p.dtype }), params),
      }),
      update: (updates, state: NovogradState, params) => {
        const {
          columns: [g, m, v, p],
          build,
        } = align('scaleByNovograd', updates, state.mu, state.nu, requireParams('scaleByNovograd', params))
        const count = increment(state.count)
        const first = equal(count, 1)
        const nu = g!.map((x, i) => {
          const norm = sum(square(x))
          return where(first, norm, norm.mul(oneMinus(b2)).add(mul(v![i]!, b2))).astype(v![i]!.dtype)
        })
        const mu = g!.map((x, i) => {
          const step = x
            .asTensor()
            .div(denominator(nu[i]!, eps, epsRoot))
            .add(mul(p![i]!, weightDecay))
          return where(first, step, mul(m![i]!, b1).add(step))
        })
        const kept = castAll(mu, muDtype)
        return [build(kept), { count, mu: build(kept), nu: build(nu) }]
      },
    },
  )

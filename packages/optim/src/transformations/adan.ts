import { add, equal, mul, sub, type Tensor, type TensorLike, where } from '@linum/tensor'
import { increment, zeroCount } from '../count.js'
import { align, zerosLikeTree } from '../leaves.js'
import { debias, debiasDivisor, denominator, firstMoment, oneMinus, secondMoment } from '../moment.js'
import { GradientTransformation } from '../transformation.js'

export interface AdanOptions {
  /** Decay of the average of gradients; 0.98. */
  readonly b1?: TensorLike
  /** Decay of the average of their changes; 0.92. */
  readonly b2?: TensorLike
  /** Decay of the average of squares; 0.99. */
  readonly b3?: TensorLike
  /** Added outside the square root; 1e-8. */
  readonly eps?: TensorLike
  /** Added inside the square root. */
  readonly epsRoot?: TensorLike
}

interface AdanState {
  readonly m: unknown
  readonly v: unknown
  readonly n: unknown
  readonly g: unknown
  readonly t: Tensor
}

/** Nesterov momentum without extrapolated gradients: averages of gradients, of their changes and of both squared (Xie et al. 2022). `epsRoot` is 0. */
export const scaleByAdan = ({
  b1 = 0.98,
  b2 = 0.92,
  b3 = 0.99,
  eps = 1e-8,
  epsRoot = 0,
}: AdanOptions = {}): GradientTransformation =>
  new GradientTransformation(
    'scaleByAdan',
    { b1, b2, b3, eps, epsRoot },
    {
      init: (params) => ({
        m: zerosLikeTree(params),
        v: zerosLikeTree(params),
        n: zerosLikeTree(params),
        g: zerosLikeTree(params),
        t: zeroCount(),
      }),
      update: (updates, state: AdanState) => {
        const {
          columns: [g, m, v, n, before],
          build,
        } = align('scaleByAdan', updates, state.m, state.v, state.n, state.g)
        const first = equal(state.t, 0)
        const t = increment(state.t)
        const ahead = oneMinus(b2)
        const change = g!.map((x, i) => where(first, 0, sub(x, before![i]!)))
        const nextM = g!.map((x, i) => firstMoment(x, m![i]!, b1))
        const nextV = change.map((x, i) => firstMoment(x, v![i]!, b2))
        const nextN = g!.map((x, i) => secondMoment(add(x, mul(change[i]!, ahead)), n![i]!, b3))
        const [d1, d2, d3] = [debiasDivisor(b1, t), debiasDivisor(b2, t), debiasDivisor(b3, t)]
        const out = nextM.map((x, i) =>
          debias(x, d1)
            .add(debias(nextV[i]!, d2).mul(ahead))
            .div(denominator(debias(nextN[i]!, d3), eps, epsRoot)),
        )
        return [build(out), { m: build(nextM), v: build(nextV), n: build(nextN), g: updates, t }]
      },
    },
  )

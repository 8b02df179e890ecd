import {
  type ArrayOps,
  greater,
  max,
  minimum,
  mul,
  rsqrt,
  square,
  type Tensor,
  type TensorLike,
  tree,
  where,
  zeros,
} from '@linum/tensor'
import { align, mapLeaves, zerosLikeTree } from '../leaves.js'
import { firstMoment } from '../moment.js'
import { GradientTransformation } from '../transformation.js'

export interface Sm3Options {
  /** Decay of the average of scaled updates; 0.9. */
  readonly b1?: TensorLike
  /** Decay of the squares; 1, which sums them. */
  readonly b2?: number
  /** Added inside the square root; 1e-8. */
  readonly eps?: TensorLike
}

interface Sm3State {
  /** For each leaf one vector per axis: the largest sum of squares along the other axes. */
  readonly mu: unknown
  readonly nu: unknown
}

const otherAxes = (axis: number, ndim: number): number[] =>
  Array.from({ length: ndim }, (_, i) => i).filter((i) => i !== axis)

const alongAxis = (v: ArrayOps, axis: number, ndim: number): Tensor =>
  v.reshape(Array.from({ length: ndim }, (_, i) => (i === axis ? v.shape[0]! : 1)))

/**
 * AdaGrad in the memory of one vector per axis (Anil et al. 2019). Leaves must have at least one axis, as the scheme
 * has nothing to keep for a scalar: these are treated as vectors of one element.
 */
export const scaleBySm3 = ({ b1 = 0.9, b2 = 1, eps = 1e-8 }: Sm3Options = {}): GradientTransformation =>
  new GradientTransformation(
    'scaleBySm3',
    { b1, b2, eps },
    {
      init: (params) => ({
        mu: mapLeaves(
          (p) => (p.ndim === 0 ? [1] : p.shape).map((n) => zeros([n], { dtype: p.dtype as 'float32' })),
          params,
        ),
        nu: zerosLikeTree(params),
      }),
      update: (updates, state: Sm3State) => {
        const {
          columns: [g, average],
          build,
        } = align('scaleBySm3', updates, state.nu)
        const vectors = tree.leaves(state.mu) as readonly ArrayOps[]
        const share = b2 === 1 ? 1 : 1 - b2
        let next = 0
        const sums = g!.map((x) => {
          const own = vectors.slice(next, (next += Math.max(x.ndim, 1)))
          const seen =
            x.ndim < 2
              ? own[0]!.reshape(x.shape)
              : own.map((v, axis) => alongAxis(v, axis, x.ndim)).reduce((a, b) => minimum(a, b))
          return mul(square(x), share).add(mul(seen, b2))
        })
        const nu = g!.map((x, i) => {
          const root = where(greater(sums[i]!, 0), rsqrt(sums[i]!.add(eps)), 0)
          return firstMoment(mul(x, root), average![i]!, b1)
        })
        const mu = sums.map((s) =>
          s.ndim < 2 ? [s.reshape([-1])] : s.shape.map((_, axis) => max(s, { axis: otherAxes(axis, s.ndim) })),
        )
        return [build(nu), { mu: build(mu), nu: build(nu) }]
      },
    },
  )

import { greater, mul, rsqrt, square, type TensorLike, where } from '@linum/tensor'
import { align, fullLikeTree } from '../leaves.js'
import { GradientTransformation } from '../transformation.js'

export interface RssOptions {
  /** What the sum of squares starts from; 0.1. */
  readonly initialAccumulatorValue?: TensorLike
  /** Added inside the square root; 1e-7. */
  readonly eps?: TensorLike
}

/** Updates over the root of the sum of all their squares so far; 0 where the sum is 0 (Duchi, Hazan and Singer 2011). */
export const scaleByRss = ({ initialAccumulatorValue = 0.1, eps = 1e-7 }: RssOptions = {}): GradientTransformation =>
  new GradientTransformation(
    'scaleByRss',
    { initialAccumulatorValue, eps },
    {
      init: (params) => ({ sumOfSquares: fullLikeTree(params, initialAccumulatorValue) }),
      update: (updates, state: { readonly sumOfSquares: unknown }) => {
        const {
          columns: [g, s],
          build,
        } = align('scaleByRss', updates, state.sumOfSquares)
        const sums = g!.map((x, i) => square(x).add(s![i]!))
        const out = g!.map((x, i) => mul(where(greater(sums[i]!, 0), rsqrt(sums[i]!.add(eps)), 0), x))
        return [build(out), { sumOfSquares: build(sums) }]
      },
    },
  )

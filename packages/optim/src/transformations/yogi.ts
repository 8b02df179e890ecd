import { sign, square, sub, type Tensor, type TensorLike } from '@linum/tensor'
import { increment, zeroCount } from '../count.js'
import { align, fullLikeTree } from '../leaves.js'
import { debias, debiasDivisor, denominator, firstMoment, oneMinus } from '../moment.js'
import { GradientTransformation } from '../transformation.js'
import type { MomentOptions } from './adam.js'

export interface YogiOptions extends MomentOptions {
  /** Added outside the square root; 1e-3. */
  readonly eps?: TensorLike
  /** Added inside the square root; 0. */
  readonly epsRoot?: TensorLike
  /** What both averages start from; 1e-6. */
  readonly initialAccumulatorValue?: TensorLike
}

interface YogiState {
  readonly count: Tensor
  readonly mu: unknown
  readonly nu: unknown
}

/** `scaleByAdam` whose average of squares moves by (1 - b2) g² towards g², so that it never jumps (Zaheer et al. 2018). */
export const scaleByYogi = ({
  b1 = 0.9,
  b2 = 0.999,
  eps = 1e-3,
  epsRoot = 0,
  initialAccumulatorValue = 1e-6,
}: YogiOptions = {}): GradientTransformation =>
  new GradientTransformation(
    'scaleByYogi',
    { b1, b2, eps, epsRoot, initialAccumulatorValue },
    {
      init: (params) => ({
        count: zeroCount(),
        mu: fullLikeTree(params, initialAccumulatorValue),
        nu: fullLikeTree(params, initialAccumulatorValue),
      }),
      update: (updates, state: YogiState) => {
        const {
          columns: [g, m, v],
          build,
        } = align('scaleByYogi', updates, state.mu, state.nu)
        const count = increment(state.count)
        const divisor1 = debiasDivisor(b1, count)
        const divisor2 = debiasDivisor(b2, count)
        const mu = g!.map((x, i) => firstMoment(x, m![i]!, b1))
        const nu = g!.map((x, i) => {
          const squared = square(x)
          return sub(v![i]!, sign(sub(v![i]!, squared)).mul(oneMinus(b2)).mul(squared))
        })
        const out = mu.map((x, i) => debias(x, divisor1).div(denominator(debias(nu[i]!, divisor2), eps, epsRoot)))
        return [build(out), { count, mu: build(mu), nu: build(nu) }]
      },
    },
  )

import { equal, mod, mul, notEqual, type Tensor } from '@linum/tensor'
import { increment, zeroCount } from '../count.js'
import { align, zerosLikeTree } from '../leaves.js'
import { GradientTransformation } from '../transformation.js'

interface ApplyEveryState {
  readonly count: Tensor
  readonly gradAcc: unknown
}

/** The sum of updates at every k-th step, 0 at the others. Throws RangeError unless `k` is a positive integer. */
export const applyEvery = (k = 1): GradientTransformation => {
  if (!Number.isInteger(k) || k < 1)
    throw new RangeError(`applyEvery: k must be a positive integer, got ${k}; give the number of steps to sum up`)
  return new GradientTransformation(
    'applyEvery',
    { k },
    {
      init: (params) => ({ count: zeroCount(), gradAcc: zerosLikeTree(params) }),
      update: (updates, state: ApplyEveryState) => {
        const {
          columns: [g, acc],
          build,
        } = align('applyEvery', updates, state.gradAcc)
        const c = mod(state.count, k)
        const keep = notEqual(c, 0)
        const emit = equal(c, k - 1)
        const next = g!.map((x, i) => mul(acc![i]!, keep.astype(x.dtype)).add(x))
        return [
          build(next.map((x) => mul(x, emit.astype(x.dtype)))),
          { count: mod(increment(state.count), k), gradAcc: build(next) },
        ]
      },
    },
  )
}

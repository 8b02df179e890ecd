import { moveaxis, type Tensor } from '@linum/tensor'
import { bind, bind1, type PrimitiveParams } from '@linum/tensor/core'
import type { BatchCall, BatchCalls } from '../batch-trace.js'
import { repeated } from '../rules/batch/rule.js'
import type { Across } from './carrying.js'

type Reduction = 'psum' | 'pmax' | 'pmin'

/** A reduction over entries: over those of this batch if it is named, else entry by entry over those of others. */
const reduction =
  (
    name: Reduction,
    over: (batch: Tensor) => Tensor,
    same: (x: Tensor, size: number) => Tensor,
  ): BatchCall<PrimitiveParams[Reduction]> =>
  ({ inputs, batched, size, axis, params: { names } }) => {
    const x = inputs[0]!
    if (axis === null || !names.includes(axis)) return { outputs: bind(name, inputs, { names }), batched }
    const own = batched[0] === true ? over(x) : same(x, size)
    const rest = names.filter((n) => n !== axis)
    return { outputs: rest.length === 0 ? [own] : bind(name, [own], { names: rest }), batched: [false] }
  }

/** Batching of what looks across entries, and of values that pass unchanged. */
export const acrossBatching: Pick<BatchCalls, Across> = {
  psum: reduction(
    'psum',
    (x) => bind1('reduce_sum', [x], { axes: [0] }),
    (x, size) => x.mul(size),
  ),
  pmax: reduction(
    'pmax',
    (x) => bind1('reduce_max', [x], { axes: [0] }),
    (x) => x,
  ),
  pmin: reduction(
    'pmin',
    (x) => bind1('reduce_min', [x], { axes: [0] }),
    (x) => x,
  ),
  all_gather: ({ inputs, batched, size, axis, params }) => {
    const [x] = inputs as readonly [Tensor]
    if (axis === params.name) {
      const batch = batched[0] === true ? x : repeated(x, size)
      return { outputs: [moveaxis(batch, 0, params.dimension)], batched: [false] }
    }
    const dimension = params.dimension + (batched[0] === true ? 1 : 0)
    return { outputs: bind('all_gather', inputs, { ...params, dimension }), batched }
  },
  axis_index: ({ size, axis, params }) =>
    axis === params.name
      ? { outputs: [bind1('iota', [], { shape: [size], axis: 0, dtype: 'int32' })], batched: [true] }
      : { outputs: bind('axis_index', [], params), batched: [false] },
  optimization_barrier: ({ inputs, batched }) => ({ outputs: bind('optimization_barrier', inputs, null), batched }),
}

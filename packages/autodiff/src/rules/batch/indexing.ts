import type { Tensor } from '@linum/tensor'
import { bind1, type IndexParams } from '@linum/tensor/core'
import { allBatched, type BatchRules, ownShape, repeated } from './rule.js'

/** For every position of a batched index tensor the number of its batch entry. */
const entryNumbers = (shape: readonly number[]): Tensor => bind1('iota', [], { shape, axis: 0, dtype: 'int32' })

export const indexBatching: BatchRules<IndexParams> = {
  gather: ({ inputs, batched, size, params }) => {
    const [x, ...indices] = inputs as readonly [Tensor, ...Tensor[]]
    const anyIndex = batched.slice(1).some(Boolean)
    const shifted = params.axes.map((a) => a + 1)
    if (!anyIndex) {
      // The batch axis of x stays among the axes that are not indexed: it comes right after those of the indices.
      const picked = bind1('gather', [x, ...indices], { ...params, axes: shifted })
      const lead = ownShape(indices[0]!, false).length
      return [
        bind1('transpose', [picked], { perm: [lead, ...picked.shape.map((_, i) => i).filter((i) => i !== lead)] }),
      ]
    }
    const wide = indices.map((idx, k) => (batched[k + 1] === true ? idx : repeated(idx, size)))
    if (batched[0] !== true) return [bind1('gather', [x, ...wide], params)]
    return [bind1('gather', [x, entryNumbers(wide[0]!.shape), ...wide], { ...params, axes: [0, ...shifted] })]
  },
  scatter: (application) => {
    const wide = allBatched(application)
    const [x, ...rest] = wide as readonly [Tensor, ...Tensor[]]
    const indices = rest.slice(0, -1)
    const updates = rest[rest.length - 1]!
    const axes = [0, ...application.params.axes.map((a) => a + 1)]
    return [
      bind1('scatter', [x, entryNumbers(indices[0]!.shape), ...indices, updates], { ...application.params, axes }),
    ]
  },
}

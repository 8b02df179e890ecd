import { type Tensor, where } from '@linum/tensor'
import { bind1, type IndexParams, sizeOf } from '@linum/tensor/core'
import { type ReverseRules, zerosOf } from './rule.js'

export const indexRules: ReverseRules<IndexParams> = {
  gather: ([ct], { inputs, params: { axes, mode } }) => {
    if (!ct) return []
    const [x, ...indices] = inputs as readonly [Tensor, ...Tensor[]]
    // Clipped reads return to the element that was read; filled ones fall outside and are dropped.
    const where0 = mode === 'clip' ? indices.map((i, k) => i.clip(0, x.shape[axes[k]!]! - 1)) : indices
    return [bind1('scatter', [zerosOf(x), ...where0, ct], { axes, op: 'add' })]
  },
  scatter: ([ct], { inputs, params: { axes, op }, need }) => {
    if (!ct) return []
    const indices = inputs.slice(1, -1)
    const updates = inputs[inputs.length - 1]!
    const picked = bind1('gather', [ct, ...indices], { axes, mode: 'fill', fill: 0 })
    const rest = indices.map(() => null)
    if (op === 'add') return [ct, ...rest, picked]
    // Of several writes to one element only the last counts: it finds its own number there.
    const own = need[0] === true ? bind1('scatter', [ct, ...indices, zerosOf(updates)], { axes, op: 'set' }) : null
    const numbers = bind1('reshape', [bind1('iota', [], { shape: [sizeOf(updates.shape)], axis: 0, dtype: 'int32' })], {
      shape: updates.shape,
    })
    const board = bind1(
      'scatter',
      [bind1('full', [], { shape: ct.shape, value: -1, dtype: 'int32', weak: false }), ...indices, numbers],
      { axes, op: 'set' },
    )
    const winner = bind1('gather', [board, ...indices], { axes, mode: 'fill', fill: -1 }).equal(numbers)
    return [own, ...rest, where(winner, picked, 0)]
  },
}

import { type Tensor, where } from '@linum/tensor'
import { bind1, type IndexParams, type PrimitiveParams, sizeOf } from '@linum/tensor/core'
import { extremeShares, otherFactors } from './scatter.js'
import { type Cotangent, type ReverseRule, type ReverseRules, zerosOf } from './rule.js'

type Scatter = PrimitiveParams['scatter']

/** What of the updates' cotangents reaches them: of several writes to one element only the last counts. */
const lastWriters = (ct: Tensor, indices: readonly Tensor[], axes: readonly number[], updates: Tensor): Tensor => {
  // Every write leaves its number; the last finds its own.
  const numbers = bind1('reshape', [bind1('iota', [], { shape: [sizeOf(updates.shape)], axis: 0, dtype: 'int32' })], {
    shape: updates.shape,
  })
  const board = bind1(
    'scatter',
    [bind1('full', [], { shape: ct.shape, value: -1, dtype: 'int32', weak: false }), ...indices, numbers],
    { axes, op: 'set' },
  )
  return bind1('gather', [board, ...indices], { axes, mode: 'fill', fill: -1 }).equal(numbers)
}

const scatter: ReverseRule<Scatter> = ([ct], { inputs, outputs, params, need }) => {
  if (!ct) return []
  const { axes, op } = params
  const x = inputs[0]!
  const indices = inputs.slice(1, -1)
  const updates = inputs[inputs.length - 1]!
  const last = inputs.length - 1
  const result = (own: Cotangent, back: Cotangent): readonly Cotangent[] => [own, ...indices.map(() => null), back]
  const pick = (from: Tensor): Tensor => bind1('gather', [from, ...indices], { axes, mode: 'fill', fill: 0 })
  switch (op) {
    case 'add':
      return result(ct, need[last] === true ? pick(ct) : null)
    case 'set':
      return result(
        need[0] === true ? bind1('scatter', [ct, ...indices, zerosOf(updates)], { axes, op: 'set' }) : null,
        need[last] === true ? where(lastWriters(ct, indices, axes, updates), pick(ct), 0) : null,
      )
    case 'mul':
      return result(
        need[0] === true ? bind1('scatter', [ct, ...indices, updates], params) : null,
        need[last] === true ? pick(ct).mul(otherFactors(x, indices, updates, axes)) : null,
      )
    case 'min':
    case 'max': {
      const shares = extremeShares(x, indices, updates, outputs[0]!, axes)
      return result(
        need[0] === true ? ct.mul(shares.own) : null,
        need[last] === true ? pick(ct).mul(shares.updates) : null,
      )
    }
  }
}

export const indexRules: ReverseRules<IndexParams> = {
  gather: ([ct], { inputs, params: { axes, mode } }) => {
    if (!ct) return []
    const [x, ...indices] = inputs as readonly [Tensor, ...Tensor[]]
    // Clipped reads return to the element that was read; filled ones fall outside and are dropped.
    const where0 = mode === 'clip' ? indices.map((i, k) => i.clip(0, x.shape[axes[k]!]! - 1)) : indices
    return [bind1('scatter', [zerosOf(x), ...where0, ct], { axes, op: 'add' })]
  },
  scatter,
  dynamic_slice: ([ct], { inputs: [x, ...starts] }) => [
    ct ? bind1('dynamic_update_slice', [zerosOf(x!), ct, ...starts], null) : null,
  ],
  dynamic_update_slice: ([ct], { inputs: [, update, ...starts], need }) => {
    if (!ct) return []
    return [
      need[0] === true ? bind1('dynamic_update_slice', [ct, zerosOf(update!), ...starts], null) : null,
      need[1] === true ? bind1('dynamic_slice', [ct, ...starts], { sizes: update!.shape }) : null,
    ]
  },
}

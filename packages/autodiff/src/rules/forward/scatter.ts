import { type Tensor, where } from '@linum/tensor'
import { bind1, type PrimitiveParams } from '@linum/tensor/core'
import { extremeShares, otherFactors } from '../scatter.js'
import { filled, type ForwardRule } from './rule.js'

/** The tangent of a scatter: every op is linear in the array and in the updates that count. */
export const scatterForward: ForwardRule<PrimitiveParams['scatter']> = (tangents, { inputs, outputs, params }) => {
  const { axes, op } = params
  const last = inputs.length - 1
  const [x, updates] = [inputs[0]!, inputs[last]!]
  const indices = inputs.slice(1, last)
  const [s, t] = [tangents[0] ?? null, tangents[last] ?? null]
  const accumulate = (start: Tensor, parts: Tensor): Tensor =>
    bind1('scatter', [start, ...indices, parts], { axes, op: 'add' })
  switch (op) {
    case 'add':
    case 'set':
      return [bind1('scatter', [filled(s, x), ...indices, filled(t, updates)], params)]
    case 'mul': {
      const own = s ? bind1('scatter', [s, ...indices, updates], params) : filled(null, x)
      return [t ? accumulate(own, t.mul(otherFactors(x, indices, updates, axes))) : own]
    }
    case 'min':
    case 'max': {
      const shares = extremeShares(x, indices, updates, outputs[0]!, axes)
      const own = where(shares.own.greater(0), filled(s, x).mul(shares.own), 0)
      return [t ? accumulate(own, t.mul(shares.updates)) : own]
    }
  }
}

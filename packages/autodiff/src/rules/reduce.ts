import { type Tensor, where } from '@linum/tensor'
import { bind1, type PrimitiveParams } from '@linum/tensor/core'
import { nothing, type ReverseRule, type ReverseRules } from './rule.js'

type Params = Pick<PrimitiveParams, 'reduce_sum' | 'reduce_prod' | 'reduce_max' | 'reduce_min' | 'reduce_and' | 'reduce_or' | 'argmax' | 'argmin' | 'cumsum'>

/** A reduction's result or cotangent repeated along the reduced axes. */
const spread = (r: Tensor, shape: readonly number[], axes: readonly number[]): Tensor =>
  bind1('broadcast_in_dim', [r], { shape, dims: shape.map((_, i) => i).filter((i) => !axes.includes(i)) })

/** The cotangent in equal shares to all elements that attain the extreme. */
const extreme: ReverseRule<PrimitiveParams['reduce_max']> = ([ct], { inputs, outputs, params: { axes } }) => {
  if (!ct) return []
  const x = inputs[0]!
  const attains = x.equal(spread(outputs[0]!, x.shape, axes))
  const count = attains.astype(x.dtype).sum({ axis: axes })
  return [where(attains, spread(ct.div(count), x.shape, axes), 0)]
}

export const reduceRules: ReverseRules<Params> = {
  reduce_sum: ([ct], { inputs, params }) => [ct ? spread(ct, inputs[0]!.shape, params.axes) : null],
  // The product of the other elements, also where some are 0: from the product without zeros and their number.
  reduce_prod: ([ct], { inputs, params: { axes } }) => {
    if (!ct) return []
    const x = inputs[0]!
    const isZero = x.equal(0)
    const safe = where(isZero, 1, x)
    const others = spread(safe.prod({ axis: axes }), x.shape, axes).div(safe)
    const zeros = spread(isZero.sum({ axis: axes }), x.shape, axes)
    const reached = zeros.equal(0).logicalOr(isZero.logicalAnd(zeros.equal(1)))
    return [where(reached, spread(ct, x.shape, axes).mul(others), 0)]
  },
  reduce_max: extreme,
  reduce_min: extreme,
  reduce_and: nothing,
  reduce_or: nothing,
  argmax: nothing,
  argmin: nothing,
  cumsum: ([ct], { params }) => [ct ? bind1('cumsum', [ct], { axis: params.axis, reverse: !params.reverse }) : null],
}

import { concatenate, type Tensor, where } from '@linum/tensor'
import { bind1, type ReduceParams, type PrimitiveParams } from '@linum/tensor/core'
import { nothing, type ReverseRule, type ReverseRules, zerosOf } from './rule.js'

/** A reduction's result or cotangent repeated along the reduced axes. */
export const spread = (r: Tensor, shape: readonly number[], axes: readonly number[]): Tensor =>
  bind1('broadcast_in_dim', [r], { shape, dims: shape.map((_, i) => i).filter((i) => !axes.includes(i)) })

/** The cotangent in equal shares to all elements that attain the extreme; NaN where none does because there is a NaN. */
const extreme: ReverseRule<PrimitiveParams['reduce_max']> = ([ct], { inputs, outputs, params: { axes } }) => {
  if (!ct) return []
  const x = inputs[0]!
  const attains = x.equal(spread(outputs[0]!, x.shape, axes))
  const count = attains.astype(x.dtype).sum({ axis: axes })
  return [where(attains, spread(ct.div(count), x.shape, axes), spread(ct.mul(0).div(count), x.shape, axes))]
}

const columns = (x: Tensor, from: number, to: number): Tensor =>
  bind1('slice', [x], { start: [0, from], limit: [x.shape[0]!, to], stride: [1, 1] })

/**
 * For each element of each row the row's cotangent (a column) times the product of the other elements: back through a
 * tree of products of pairs, so that zeros and overflow need no division, now or in the derivative of this.
 */
const productsOfOthers = (x: Tensor, ct: Tensor): Tensor => {
  const n = x.shape[1]!
  if (n === 1) return ct
  const half = n >> 1
  const [left, right] = [columns(x, 0, half), columns(x, half, 2 * half)]
  const odd = n % 2 === 1 ? [columns(x, n - 1, n)] : []
  const above = productsOfOthers(concatenate([left.mul(right), ...odd], { axis: 1 }), ct)
  const pairs = columns(above, 0, half)
  return concatenate([pairs.mul(right), pairs.mul(left), ...odd.map(() => columns(above, half, half + 1))], { axis: 1 })
}

/** The cotangents of the elements whose product over `axes` has cotangent `ct`. */
export const productCotangents = (x: Tensor, ct: Tensor, axes: readonly number[]): Tensor => {
  if (x.size === 0) return zerosOf(x)
  const perm = [...x.shape.keys()].filter((i) => !axes.includes(i)).concat(axes)
  const moved = bind1('transpose', [x], { perm })
  const grads = productsOfOthers(moved.reshape([ct.size, x.size / ct.size]), ct.reshape([ct.size, 1])).reshape(
    moved.shape,
  )
  return bind1('transpose', [grads], { perm: perm.map((_, i) => perm.indexOf(i)) })
}

export const reduceRules: ReverseRules<ReduceParams> = {
  reduce_sum: ([ct], { inputs, params }) => [ct ? spread(ct, inputs[0]!.shape, params.axes) : null],
  reduce_prod: ([ct], { inputs, params: { axes } }) => [ct ? productCotangents(inputs[0]!, ct, axes) : null],
  reduce_max: extreme,
  reduce_min: extreme,
  reduce_and: nothing,
  reduce_or: nothing,
  argmax: nothing,
  argmin: nothing,
  cumsum: ([ct], { params }) => [ct ? bind1('cumsum', [ct], { axis: params.axis, reverse: !params.reverse }) : null],
}

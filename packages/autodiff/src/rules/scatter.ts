import { type Tensor, where } from '@linum/tensor'
import { bind1, isFloat } from '@linum/tensor/core'
import { zerosOf } from './rule.js'

const onesOf = (x: Tensor): Tensor => zerosOf(x).add(1).astype(x.dtype)

/** Totals of the updates over the elements that they go to, of x's shape. */
const totals = (x: Tensor, indices: readonly Tensor[], updates: Tensor, axes: readonly number[]): Tensor =>
  bind1('scatter', [zerosOf(x), ...indices, updates], { axes, op: 'add' })

/** An element for every update that goes to it; `fill` for those that go nowhere. */
const visited = (x: Tensor, indices: readonly Tensor[], axes: readonly number[], fill: number): Tensor =>
  bind1('gather', [x, ...indices], { axes, mode: 'fill', fill })

/**
 * For every update of a scattered product the product of the element's old value and the other updates to it. One that
 * goes there alone gets the old value itself; zeros are counted, so that nothing is divided by them.
 */
export const otherFactors = (
  x: Tensor,
  indices: readonly Tensor[],
  updates: Tensor,
  axes: readonly number[],
): Tensor => {
  const isZero = updates.equal(0)
  const zero = isZero.astype(updates.dtype)
  const factors = where(isZero, 1, updates)
  const product = bind1('scatter', [x, ...indices, factors], { axes, op: 'mul' })
  const pick = (from: Tensor): Tensor => visited(from, indices, axes, 0)
  const otherZeros = pick(totals(x, indices, zero, axes)).subtract(zero)
  const alone = pick(totals(x, indices, onesOf(updates), axes)).equal(1)
  return where(alone, pick(x), where(otherZeros.greater(0), 0, pick(product).div(factors)))
}

/** What each element and each update contributes to an extreme: equal parts for all that attain it. */
export const extremeShares = (
  x: Tensor,
  indices: readonly Tensor[],
  updates: Tensor,
  out: Tensor,
  axes: readonly number[],
): { readonly own: Tensor; readonly updates: Tensor } => {
  const kept = x.equal(out).astype(x.dtype)
  const won = updates.equal(visited(out, indices, axes, isFloat(x.dtype) ? NaN : 0)).astype(x.dtype)
  const winners = kept.add(totals(x, indices, won, axes))
  return {
    own: where(kept.greater(0), winners.reciprocal(), 0),
    updates: where(won.greater(0), visited(winners, indices, axes, 1).reciprocal(), 0),
  }
}

import * as autodiff from '@linum/autodiff'
import { BatchStat, Module, Param, Rngs, split, state } from '@linum/graph'
import { array, type Tensor } from '@linum/tensor'
import { grad, valueAndGrad } from '@linum/transforms'
import { expect, test } from 'vitest'

class Scaled extends Module {
  w = new Param(array([1, 2]))
  inner = { v: new Param(array(3)) }
  seen = new BatchStat(array(7))
  rngs = new Rngs(0)
  forward(): Tensor {
    return this.w.square().sum().mul(this.inner.v)
  }
}

test('a State as argument has a State as gradient, as the pure grad gives it', () => {
  const [, params] = split(new Scaled(), Param, true)
  const loss = (s: typeof params): Tensor => s.w!.square().sum().mul(s.inner!.v!)
  const [value, grads] = valueAndGrad(loss)(params)
  expect(value.item()).toBe(15)
  const lifted = grads as unknown as typeof params
  expect(lifted.w!.value.toArray()).toEqual([6, 12])
  expect(lifted.inner!.v!.value.item()).toBe(5)
  expect(lifted.w!.type).toBe(Param)
  const pure = autodiff.grad(loss)(params)
  expect(Object.keys(lifted)).toEqual(Object.keys(pure))
  expect((pure as unknown as typeof params).w!.value.toArray()).toEqual([6, 12])
})

test('of a State, the Variables that wrt names are differentiated', () => {
  const all = state(new Scaled()) as unknown as { readonly w: Tensor; readonly seen: Tensor }
  const loss = (s: typeof all): Tensor => s.w.sum().mul(s.seen)
  const byDefault = grad(loss)(all) as unknown as Readonly<Record<string, { readonly value: Tensor }>>
  expect(Object.keys(byDefault)).not.toContain('seen')
  expect(byDefault['w']!.value.toArray()).toEqual([7, 7])
  const statistics = grad(loss, { wrt: BatchStat })(all) as unknown as typeof byDefault
  expect(Object.keys(statistics)).toEqual(['seen'])
  expect(statistics['seen']!.value.item()).toBe(3)
})

import { BatchStat, Module, Param, Rngs, split, state, update } from '@linum/graph'
import { BatchNorm, Dropout, EMA, Linear } from '@linum/nn'
import { array, DtypeError, ones, ShapeError, StateError, type Tensor } from '@linum/tensor'
import { jit } from '@linum/transforms'
import { expect, test } from 'vitest'
import { expectClose } from './numbers.js'

class Model extends Module {
  linear = new Linear(2, 2, { rngs: new Rngs(0) })
  norm = new BatchNorm(2, { rngs: new Rngs(0) })
  tied = this.linear
  list = [new Param(array([1, 2])), new Param(array([3, 4]))]
  forward(x: Tensor): Tensor {
    return this.norm.forward(this.tied.forward(this.linear.forward(x)))
  }
}

test('averages follow the model, and the applied model follows the averages', () => {
  const model = new Linear(2, 2, { useBias: false, rngs: new Rngs(0) })
  const start = model.kernel.value
  const ema = new EMA(model, 0.75)
  const applied = ema.applyTo(model)
  model.kernel.value = start.add(4)
  expectClose(applied.kernel, start.toArray())
  ema.update(model)
  expectClose(applied.kernel, start.add(1).toArray())
  expect(applied.kernel).toBe((ema.params as unknown as { readonly kernel: Param }).kernel)
  expect(applied).toBeInstanceOf(Linear)
  expect(applied.kernel).toBeInstanceOf(Param)
})

test('what is not averaged stays that of the model, and what is shared stays shared', () => {
  const model = new Model()
  const ema = new EMA(model, 0.5, { only: Param })
  const applied = ema.applyTo(model)
  expect(applied.tied).toBe(applied.linear)
  expect(applied.linear).not.toBe(model.linear)
  expect(applied.norm.mean).toBe(model.norm.mean)
  expect(applied.norm.scale).not.toBe(model.norm.scale)
  expect(applied.list).toHaveLength(2)
  model.list[1]!.value = array([5, 6])
  ema.update(model)
  expectClose(applied.list[1]!, [4, 5])
  expect(Object.keys(state(ema).params as object)).toEqual(['linear', 'list', 'norm'])
})

test('a jitted step updates the averages in place', () => {
  const model = new Model()
  const ema = new EMA(model, 0.5, { only: [Param, BatchStat] })
  const applied = ema.applyTo(model)
  const step = jit((m: Model, e: EMA, x: Tensor) => {
    m.forward(x)
    e.update(m)
  })
  step(
    model,
    ema,
    array([
      [1, 2],
      [3, 5],
    ]),
  )
  expectClose(applied.norm.mean, model.norm.mean.value.mul(0.5).toArray())
})

test('averages that begin between jitted steps are not touched by the next one', () => {
  const model = new Linear(2, 2, { rngs: new Rngs(0) })
  const step = jit((m: Linear) => m.kernel.update((k) => k.mul(2)))
  step(model)
  step(model)
  const ema = new EMA(model, 0.5)
  const before = ema.applyTo(model).kernel.raw
  step(model)
  step(model)
  expectClose(model.kernel, before.mul(4).toArray())
})

test('a State is averaged as the model is', () => {
  const model = new Linear(2, 1, { rngs: new Rngs(0) })
  const [, params] = split(model, Param)
  const ema = new EMA(model, 0)
  update(model, { bias: ones([1]) })
  ema.update(params)
  expectClose(ema.applyTo(model).bias!, [0])
})

test('errors say what has no average and what does not fit, and change nothing', () => {
  const model = new Linear(2, 1, { rngs: new Rngs(0) })
  expect(() => new EMA(model, 2)).toThrow('EMA: decay must be a number from 0 to 1, got 2')
  expect(() => new EMA(new Dropout(0.5, { rngs: new Rngs(0) }), 0.5)).toThrow(
    new DtypeError(
      "EMA: only floats can be averaged, got uint32 at 'rngs/default/count'; select what is trained with { only: Param }",
    ),
  )
  class Bare extends Module {
    x = ones([2])
  }
  expect(() => new EMA(new Bare(), 0.5)).toThrow("EMA: only Variables can be averaged, got a Tensor at 'x'")
  const ema = new EMA(model, 0.5)
  const other = new Linear(2, 1, { useBias: false, rngs: new Rngs(0) })
  expect(() => ema.update(other)).toThrow(
    new StateError(
      "EMA.update: the updates must have the structure that the average was made of, got nothing at 'bias'",
    ),
  )
  expect(() => ema.applyTo(other)).toThrow(StateError)
  expect(() => ema.update(new Linear(3, 1, { rngs: new Rngs(0) }))).toThrow(
    new ShapeError("EMA.update: the value at 'kernel' must have shape (2, 1), got (3, 1)"),
  )
  expectClose(ema.applyTo(model).kernel, model.kernel.value.toArray())
})

import { BatchStat, filterState, Param, Rngs, split } from '@linum/graph'
import { BatchNorm, Linear, TrainState } from '@linum/nn'
import { adam, sgd } from '@linum/optim'
import { array, jit, ones, traceCount, tree } from '@linum/tensor'
import { expect, test } from 'vitest'
import { expectClose } from './numbers.js'

test('a step adds the transformed gradients and counts', () => {
  const [graphdef, params] = split(new Linear(1, 1, { rngs: new Rngs(0) }), Param)
  const start = TrainState.create(graphdef, { params, tx: sgd(0.5), step: 7 })
  const next = start.applyGradients(params)
  expectClose(next.params.kernel.value, params.kernel.value.mul(0.5).toArray())
  expect([start.step.item(), next.step.item(), next.step.dtype]).toEqual([7, 8, 'int32'])
  expectClose(start.params.kernel.value, params.kernel.value.toArray())
  expect(Object.isFrozen(next)).toBe(true)
})

test('further fields are kept, replaced and given to apply by name', () => {
  const [graphdef, params, stats] = split(new BatchNorm(2, { rngs: new Rngs(0) }), Param, BatchStat)
  const start = TrainState.create(graphdef, { params, tx: adam(0.1), stats })
  const [y, [, after]] = start.apply('params', 'stats').forward(
    array([
      [1, 2],
      [3, 6],
    ]),
  )
  expectClose(
    y,
    [
      [-1, -1],
      [1, 1],
    ],
    1e-4,
    1e-4,
  )
  const next = start.applyGradients(params, { stats: filterState(after, BatchStat) })
  expect(next.stats).not.toBe(start.stats)
  expect(next.replace({ stats }).stats).toBe(stats)
  expect(next).toBeInstanceOf(TrainState)
})

test('it passes through pure transforms, and an equal transformation does not retrace', () => {
  const make = () => {
    const [graphdef, params] = split(new Linear(1, 1, { rngs: new Rngs(0) }), Param)
    return TrainState.create(graphdef, { params, tx: adam(0.1) })
  }
  const step = jit((s: ReturnType<typeof make>) => s.applyGradients(s.params))
  const next = step(step(make()))
  expect(next.step.item()).toBe(2)
  step(make())
  expect(traceCount(step)).toBe(1)
  expect(tree.leaves(next).length).toBeGreaterThan(4)
})

test('errors say what is no transformation and no State', () => {
  const [graphdef, params] = split(new Linear(1, 1, { rngs: new Rngs(0) }), Param)
  expect(() => TrainState.create(graphdef, { params, tx: null as never })).toThrow(
    'TrainState.create: tx must be a transformation with init and update, got null',
  )
  const current = TrainState.create(graphdef, { params, tx: sgd(1) })
  expect(() => current.apply('step')).toThrow("TrainState.apply: expected a State under 'step', got object")
  expect(() => current.apply('nothing')).toThrow("expected a State under 'nothing', got undefined")
  expect(() => current.applyGradients({ kernel: ones([1, 1]) } as never)).toThrow()
})

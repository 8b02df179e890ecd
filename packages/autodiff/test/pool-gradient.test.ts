import { fc, test } from '@fast-check/vitest'
import { grad, vjp } from '@linum/autodiff'
import { array, jit, reduceWindow, type Tensor } from '@linum/tensor'
import { bind1, type Windows } from '@linum/tensor/core'
import { expect } from 'vitest'

/** An axis that is at least as long as one window. */
const axis = fc
  .record({
    more: fc.integer({ min: 0, max: 7 }),
    window: fc.integer({ min: 1, max: 5 }),
    stride: fc.integer({ min: 1, max: 4 }),
    low: fc.integer({ min: -1, max: 3 }),
    high: fc.integer({ min: -1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 2 }),
  })
  .map((a) => ({ ...a, extent: Math.max(1, (a.window - 1) * a.dilation + 1 - a.low - a.high) + a.more }))

const filled = (shape: readonly number[], at: (i: number) => number): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1)
  return array(Float32Array.from({ length: size }, (_, i) => at(i))).reshape(shape)
}

test('every element of a max pool gets what its windows have', () => {
  const x = array([1, 5, 2, 5, 5, 0])
  const pool = (window: number, stride: number) => (t: Tensor) => reduceWindow(t, 'max', [window], stride, 'SAME').sum()
  expect(grad(pool(2, 2))(x).toArray()).toEqual([0, 1, 0, 1, 1, 0])
  expect(grad(pool(3, 1))(x).toArray()).toEqual([0, 3, 0, 2, 1, 0])
  expect(grad(pool(1, 3))(x).toArray()).toEqual([1, 0, 0, 1, 0, 0])
})

test.prop(
  [fc.array(axis, { minLength: 1, maxLength: 2 }), fc.constantFrom('max', 'min'), fc.integer({ min: 2, max: 40 })],
  {
    numRuns: 40,
  },
)('the cotangents of overlapping windows are added in order, whatever the windows', (axes, op, levels) => {
  const shape = axes.map((a) => a.extent)
  const windows: Windows = {
    window: axes.map((a) => a.window),
    strides: axes.map((a) => a.stride),
    padding: axes.map((a) => [a.low, a.high]),
    baseDilation: axes.map(() => 1),
    windowDilation: axes.map((a) => a.dilation),
  }
  const x = filled(shape, (i) => (i * 7919) % levels)
  const pool = (t: Tensor): Tensor => bind1('reduce_window', [t], { op, ...windows })
  const extremes = pool(x)
  const ct = filled(extremes.shape, (i) => 0.1 + ((i * 104729) % 1000) / 7)
  const places = bind1('window_argument', [x, extremes], windows)
  const zeros = filled([x.size], () => 0)
  const want = bind1('scatter', [zeros, places, ct], { axes: [0], op: 'add' }).reshape(shape)
  const pullback = (t: Tensor, c: Tensor): Tensor => vjp(pool, [t])[1](c)[0] as Tensor
  expect(pullback(x, ct).toArray()).toEqual(want.toArray())
  expect(jit(pullback)(x, ct).toArray()).toEqual(want.toArray())
})

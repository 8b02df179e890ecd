import {
  array,
  evalShape,
  jit,
  lower,
  makeProgram,
  ShapeDtypeStruct,
  ShapeError,
  type Tensor,
  TraceError,
} from '@linum/tensor'
import { expect, test } from 'vitest'

const x = new ShapeDtypeStruct([2, 3], 'bfloat16')

test('types alone are enough where nothing is computed', () => {
  const f = (a: Tensor, b: Tensor): Tensor => a.matmul(b).sum({ axis: 0 })
  const y = new ShapeDtypeStruct([3, 100_000])
  expect(evalShape(f, x, y)).toEqual({ shape: [100_000], dtype: 'float32', weak: false })
  expect(makeProgram(f)(x, y).inputs.map((v) => v.aval.shape)).toEqual([
    [2, 3],
    [3, 100_000],
  ])
  expect(lower(jit(f), x, y).outputs[0]!.aval.shape).toEqual([100_000])
})

test('has a shape and a dtype but nothing to read', () => {
  expect([x.shape, x.dtype, x.ndim, x.size]).toEqual([[2, 3], 'bfloat16', 2, 6])
  expect(String(x)).toBe('ShapeDtypeStruct(bfloat16(2, 3))')
  const message = 'a ShapeDtypeStruct of shape (2, 3) has no elements; give a tensor, such as zeros([2, 3])'
  expect(() => x.dataSync()).toThrow(new TraceError(`dataSync: ${message}`))
  expect(() => x.add(1)).toThrow(TraceError)
  expect(() => jit((a: Tensor) => a.add(1))(x)).toThrow(TraceError)
  expect(() => array([1]).add(x)).toThrow(TraceError)
})

test('refuses what is no shape or dtype', () => {
  expect(() => new ShapeDtypeStruct([-1])).toThrow(ShapeError)
  expect(() => new ShapeDtypeStruct([1], 'half' as 'float16')).toThrow(TypeError)
})

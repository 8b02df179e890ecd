import { array, jit, lower, ones, printProgram, type Tensor, traceCount } from '@linum/tensor'
import { expect, test } from 'vitest'

test('a compiled function tells how often it was traced, and the program of a call', () => {
  const f = jit((x: Tensor) => x.mul(2))
  expect(traceCount(f)).toBe(0)
  f(array([1]))
  f(ones([1]))
  f(ones([2]))
  expect(traceCount(f)).toBe(2)
  expect(printProgram(lower(f, ones([3])))).toContain('mul')
  expect(traceCount(f)).toBe(3)
})

test('another function tells nothing', () => {
  const f = (x: Tensor): Tensor => x
  expect(() => traceCount(f)).toThrow(
    new TypeError(
      "traceCount: expected a function that jit returned, got the function 'f'; pass what jit(f) gave, not f",
    ),
  )
  expect(() => lower(f, ones([1]))).toThrow(/^lower: expected a function that jit returned/)
  expect(() => traceCount(3 as never)).toThrow(/got number/)
})

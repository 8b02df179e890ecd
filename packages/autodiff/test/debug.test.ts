import { grad, jvp, vmap } from '@linum/autodiff'
import { arange, array, debug, jit, type Tensor } from '@linum/tensor'
import { beforeEach, expect, test } from 'vitest'

const heard: unknown[] = []
beforeEach(() => {
  heard.length = 0
})

const square = (x: Tensor): Tensor => {
  debug.callback((y: Tensor) => void heard.push(y.toArray()), x)
  return x.mul(x)
}

test('a callback sees the values inside derivatives once, and changes none', () => {
  expect(grad(square)(array(3)).item()).toBe(6)
  expect(heard).toEqual([3])
  expect(jit(grad(square))(array(4)).item()).toBe(8)
  expect(heard).toEqual([3, 4])
  expect(jvp(square, [array(5)], [array(1)])[1].item()).toBe(10)
  expect(heard).toEqual([3, 4, 5])
})

test('a callback under vmap is called per entry, of nested maps in order', () => {
  vmap(square)(arange(3))
  expect(heard).toEqual([0, 1, 2])
  heard.length = 0
  jit(vmap(vmap(square)))(arange(4).reshape([2, 2]))
  expect(heard).toEqual([0, 1, 2, 3])
  heard.length = 0
  vmap((x: Tensor) => {
    vmap((y: Tensor) => {
      debug.callback((a: Tensor, b: Tensor) => void heard.push([a.item(), b.item()]), x, y)
      return y
    })(array([10, 20]))
    return x
  })(array([1, 2]))
  expect(heard).toEqual([
    [1, 10],
    [1, 20],
    [2, 10],
    [2, 20],
  ])
})

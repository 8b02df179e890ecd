import {
  array,
  cond,
  debugNans,
  foriLoop,
  jit,
  log,
  NanError,
  ones,
  scan,
  sqrt,
  type Tensor,
  whileLoop,
} from '@linum/tensor'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

beforeEach(() => {
  debugNans(true)
})
afterEach(() => {
  debugNans(false)
})

const messageOf = (f: () => unknown): string => {
  try {
    f()
  } catch (error) {
    expect(error).toBeInstanceOf(NanError)
    return (error as Error).message
  }
  throw new Error('nothing was thrown')
}

describe('debugNans', () => {
  test('names the operation and its operands', () => {
    const x = array([
      [1, 2],
      [-1, 4],
    ])
    expect(messageOf(() => log(x))).toBe(
      'debugNans: log gave NaN, 1 of 4 elements of float32(2, 2), the first at [1, 0]; operands: float32(2, 2) from -1 to 4',
    )
  })

  test('says when NaN came in', () => {
    expect(messageOf(() => array([NaN, 1]).add(1))).toMatch(/^debugNans: add passed on NaN, 1 of 2 .* with 1 NaN/)
  })

  test('finds the equation, the call and the arguments in compiled code', () => {
    const f = jit(function step(x: Tensor, y: Tensor) {
      return sqrt(y.sub(1)).add(x).sum()
    })
    f(ones([2]), array([1, 2]))
    const message = messageOf(() => f(ones([2]), array([0, 2])))
    expect(message).toMatch(/^debugNans: sqrt gave NaN, 1 of 2 elements of float32\(2,\), the first at \[0\]/)
    expect(message).toMatch(/\. In jit\(step\), call 2, equation 2 of 4; it reads input 1$/)
  })

  test('finds the step of a loop', () => {
    const f = jit((x: Tensor) => foriLoop(0, 5, (i: Tensor, c: Tensor) => sqrt(c.sub(i)), x))
    expect(messageOf(() => f(array(3)))).toMatch(/sqrt gave NaN.*, step 2 of scan/)
    const body = (c: Tensor, x: Tensor) => [c.add(x), log(x)] as const
    expect(messageOf(() => scan(body, array(0), array([1, 2, -3])))).toMatch(/log gave NaN.*In scan.*, step 2 of scan/)
    expect(
      messageOf(() =>
        whileLoop(
          (x: Tensor) => x.greater(-10),
          (x: Tensor) => log(x),
          array(5),
        ),
      ),
    ).toMatch(/log gave NaN.*step 3 of while/)
  })

  test('looks into the branch that is taken', () => {
    const f = jit((x: Tensor) =>
      cond(
        x.less(0),
        (y: Tensor) => sqrt(y),
        (y: Tensor) => y,
        x,
      ),
    )
    expect(f(array(4)).item()).toBe(4)
    expect(messageOf(() => f(array(-4)))).toMatch(/sqrt gave NaN/)
  })

  test('is silent about infinities and integers, and when it is off', () => {
    expect(log(array([0])).item()).toBe(-Infinity)
    expect(array([1, 2], { dtype: 'int32' }).div(0).toArray()).toEqual([Infinity, Infinity])
    debugNans(false)
    expect(log(array([-1])).item()).toBeNaN()
  })
})

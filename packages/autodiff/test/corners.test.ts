import { grad, vjp } from '@linum/autodiff'
import {
  abs,
  arctan2,
  array,
  type ArrayData,
  clip,
  erfinv,
  floorDivide,
  jit,
  logsumexp,
  max,
  maximum,
  min,
  minimum,
  pow,
  prod,
  relu,
  remainder,
  sigmoid,
  sign,
  softplus,
  sort,
  sqrt,
  stopGradient,
  take,
  tanh,
  type Tensor,
  where,
} from '@linum/tensor'
import { bind1 } from '@linum/tensor/core'
import { describe, expect, it } from 'vitest'

type Scalar = (x: Tensor) => Tensor
type Corner = readonly [name: string, f: Scalar, at: ArrayData, derivative: unknown]

const weights = array([1, 2, 3])
const at = (i: readonly number[]): Tensor => array(i, { dtype: 'int32' })

// What JAX 0.10 gives.
const corners: readonly Corner[] = [
  ['abs at 0 is 1', abs, 0, 1],
  ['abs at -0 is 1', abs, -0, 1],
  ['sign at 0 is 0', sign, 0, 0],
  ['sqrt at 0 is infinite', sqrt, 0, Infinity],
  ['relu at 0 is 0', relu, 0, 0],
  ['softplus at 0 is a half', softplus, 0, 0.5],
  ['maximum with an equal constant is a half', (x) => maximum(x, 0), 0, 0.5],
  ['minimum with an equal constant is a half', (x) => minimum(0, x), 0, 0.5],
  ['maximum of a value with itself is 1', (x) => maximum(x, x), 1, 1],
  ['maximum of NaN is 0', (x) => maximum(x, 1), NaN, 0],
  ['clip at the lower bound is a half', (x) => clip(x, 0, 1), 0, 0.5],
  ['clip at the upper bound is a half', (x) => clip(x, 0, 1), 1, 0.5],
  ['clip inside is 1', (x) => clip(x, 0, 1), 0.25, 1],
  ['clip outside is 0', (x) => clip(x, 0, 1), 7, 0],
  ['tanh far out is 0', tanh, 100, 0],
  ['sigmoid far out to the left is 0', sigmoid, -200, 0],
  ['sigmoid far out to the right is 0', sigmoid, 200, 0],
  ['erfinv at 1 is infinite', erfinv, 1, Infinity],
  ['arctan2(0, 0) has no derivative', (x) => arctan2(x, 0), 0, NaN],
  ['x to the 2 at 0 is 0', (x) => pow(x, 2), 0, 0],
  ['x to the 1 at 0 is 1', (x) => pow(x, 1), 0, 1],
  ['x to the 3 at -2 is 12', (x) => pow(x, 3), -2, 12],
  ['x to the 0 at 0 is 0', (x) => pow(x, 0), 0, 0],
  ['x to the tensor 0 at 0 has no derivative', (x) => pow(x, array(0).astype('float32')), 0, NaN],
  ['0 to the x at 0 is 0', (x) => pow(0, x), 0, 0],
  ['0 to the x at 2 is 0', (x) => pow(0, x), 2, 0],
  ['-2 to the x has no derivative', (x) => pow(-2, x), 2, NaN],
  ['the remainder grows with the dividend', (x) => remainder(x, 2), -3, 1],
  ['the remainder falls by the quotient with the divisor', (x) => remainder(-3, x), 2, 2],
  ['a floored quotient is flat', (x) => floorDivide(7, x), 2, 0],
  ['a rounded factor is a constant', (x) => x.astype('int32').astype('float32').mul(x), 2.5, 2],
  ['log where it is not taken spoils the derivative', (x) => where(x.greater(0), x.log(), 0), 0, NaN],
  ['log of a safe operand does not', (x) => where(x.greater(0), where(x.greater(0), x, 1).log(), 0), 0, 0],
  ['a norm at 0 has no derivative', (x) => x.square().sum().sqrt(), [0, 0], [NaN, NaN]],
  ['a standard deviation of equal elements has no derivative', (x) => x.std(), [1, 1, 1], [NaN, NaN, NaN]],
  ['a variance of equal elements is flat', (x) => x.var(), [1, 1, 1], [0, 0, 0]],
  ['max shares evenly among equals', max, [3, 3, 1], [0.5, 0.5, 0]],
  [
    'min shares evenly among equals',
    (x) => min(x, { axis: 1 }).sum(),
    [
      [1, 2, 1],
      [4, 5, 6],
    ],
    [
      [0.5, 0, 0.5],
      [1, 0, 0],
    ],
  ],
  ['a greatest element where there is NaN has no derivative', (x) => max(x), [1, NaN, 2], [NaN, NaN, NaN]],
  ['a least element where there is NaN has no derivative', (x) => min(x), [1, NaN], [NaN, NaN]],
  ['a product with one zero', prod, [0, 2, 3], [6, 0, 0]],
  ['a product with two zeros', prod, [0, 0, 3], [0, 0, 0]],
  ['a product that overflows on the way', prod, [1e30, 1e30, 1e-30], [1, 1, Infinity]],
  ['a product with NaN', prod, [NaN, 2, 3], [6, NaN, NaN]],
  ['a product of an empty axis', (x) => prod(x, { axis: 1 }).sum(), [[], []], [[], []]],
  ['sorting brings weights back, equal elements in order', (x) => sort(x).mul(weights).sum(), [1, 1, 0], [2, 3, 1]],
  [
    'an element taken twice gets both',
    (x) =>
      take(x, at([0, 0, 2]))
        .mul(weights)
        .sum(),
    [1, 1, 0],
    [3, 0, 3],
  ],
  [
    'an element taken outside gets nothing',
    (x) =>
      take(x, at([7, -1, 1]))
        .mul(weights)
        .sum(),
    [1, 1, 0],
    [0, 3, 2],
  ],
  [
    'an element taken by clipping is the nearest',
    (x) =>
      take(x, at([7, -5, 1]), { mode: 'clip' })
        .mul(weights)
        .sum(),
    [1, 1, 0],
    [2, 3, 1],
  ],
  [
    'of two writes to one element the last counts',
    (x) =>
      bind1('scatter', [array([0, 0]), at([0, 0, 1]), x], { axes: [0], op: 'set' })
        .mul(array([5, 7]))
        .sum(),
    [1, 1, 0],
    [0, 5, 7],
  ],
  [
    'a written element no longer counts',
    (x) => bind1('scatter', [x, at([1]), array([9])], { axes: [0], op: 'set' }).sum(),
    [1, 1, 0],
    [1, 0, 1],
  ],
  ['logsumexp with one infinity', (x) => logsumexp(x), [-Infinity, 0], [0, 1]],
  ['a stopped factor is a constant', (x) => x.mul(stopGradient(x)), 3, 3],
]

describe('derivatives at corners', () => {
  it.each(corners)('%s', (_, f, x, expected) => {
    const t = array(x)
    for (const derivative of [grad(f), grad(jit(f)), jit(grad(f))]) {
      // -0 counts as 0.
      expect(derivative(t).add(0).toArray()).toEqual(expected)
    }
  })
})

describe('second derivatives at corners', () => {
  const hessian = (f: Scalar, x: readonly number[]): unknown =>
    x.map((_, i) => grad((y: Tensor) => grad(f)(y).slice(i))(array(x)).toArray())

  it('a product with one zero still curves', () => {
    expect(hessian(prod, [0, 2, 3])).toEqual([
      [0, 3, 2],
      [3, 0, 0],
      [2, 0, 0],
    ])
  })

  it('a product with two zeros curves where they meet', () => {
    expect(hessian(prod, [0, 0, 3])).toEqual([
      [0, 3, 0],
      [3, 0, 0],
      [0, 0, 0],
    ])
  })

  it('a maximum does not curve', () => {
    expect(hessian(max, [3, 3, 1])).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ])
  })
})

describe('what stops a derivative', () => {
  it('stopGradient keeps the value', () => {
    const [out, back] = vjp((x: Tensor) => stopGradient(x.mul(2)), [array([1, 2])])
    expect(out.toArray()).toEqual([2, 4])
    expect((back(array([1, 1]))[0] as Tensor).toArray()).toEqual([0, 0])
  })

  it('what is stopped inside a jitted function stays stopped', () => {
    const f = jit((x: Tensor) => stopGradient(x).mul(x))
    expect(grad(f)(array(3)).toArray()).toBe(3)
    expect(grad(grad(f))(array(3)).toArray()).toBe(0)
  })
})

import { fc, test } from '@fast-check/vitest'
import { grad, jvp, vjp, vmap } from '@linum/autodiff'
import {
  arange,
  array,
  convGeneralDilated,
  einsum,
  jit,
  makeProgram,
  ones,
  reduceWindow,
  stack,
  type Tensor,
  zeros,
} from '@linum/tensor'
import { describe, expect } from 'vitest'
import { bits, values } from './readings.js'

const line = { dimensionNumbers: ['NHC', 'HIO', 'NHC'] } as const

const wave = (shape: readonly number[], phase = 0): Tensor =>
  array(Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1 + 2.3 * i + phase))).reshape(
    shape,
  )

const convolutionsIn = (f: (...xs: Tensor[]) => unknown, ...xs: Tensor[]): number =>
  makeProgram(f as (...ys: Tensor[]) => Tensor)(...xs).equations.filter((e) => e.primitive === 'conv_general_dilated')
    .length

describe('a convolution', () => {
  const x = wave([2, 5, 2])
  const k = wave([3, 2, 4], 1)
  const loss = (a: Tensor, b: Tensor): Tensor => convGeneralDilated(a, b, 1, 'SAME', line).square().sum()

  test('computes only the gradients that are asked for', () => {
    expect(convolutionsIn(grad(loss, { argnums: [0, 1] }) as never, x, k)).toBe(3)
    expect(convolutionsIn(grad(loss, { argnums: 1 }) as never, x, k)).toBe(2)
    expect(convolutionsIn(grad(loss, { argnums: 0 }) as never, x, k)).toBe(2)
  })

  test('has a gradient of zeros where nothing fits into its window', () => {
    const f = (a: Tensor, b: Tensor): Tensor => convGeneralDilated(a, b, 1, 'VALID', line).sum()
    const [dx, dk] = grad(f, { argnums: [0, 1] })(ones([1, 2, 1]), ones([3, 1, 1]))
    expect(values([dx, dk])).toEqual([values(zeros([1, 2, 1])), values(zeros([3, 1, 1]))])
  })

  test('has the kernel gradient of one product per place', () => {
    const row = array([1, 2, 4]).reshape([1, 3, 1])
    const dk = grad((b: Tensor) => convGeneralDilated(row, b, 1, 'VALID', line).sum())(ones([2, 1, 1]))
    expect(dk.ravel().toArray()).toEqual([3, 6])
  })
})

interface Configuration {
  readonly strides: number
  readonly padding: readonly [number, number]
  readonly lhsDilation: number
  readonly rhsDilation: number
  readonly groups: number
  readonly byBatch: boolean
}
const few = fc.integer({ min: 1, max: 2 })
const configuration: fc.Arbitrary<Configuration> = fc.record({
  strides: fc.integer({ min: 1, max: 3 }),
  padding: fc.tuple(fc.nat(2), fc.nat(2)),
  lhsDilation: few,
  rhsDilation: few,
  groups: few,
  byBatch: fc.boolean(),
})

const convolve =
  ({ strides, padding, lhsDilation, rhsDilation, groups, byBatch }: Configuration) =>
  (x: Tensor, k: Tensor): Tensor =>
    convGeneralDilated(x, k, strides, [padding], {
      ...line,
      lhsDilation,
      rhsDilation,
      ...(byBatch ? { batchGroups: groups } : { groups }),
    })

const operands = ({ groups, byBatch }: Configuration, phase = 0): readonly [Tensor, Tensor] => [
  wave([byBatch ? 2 * groups : 2, 4, byBatch ? 2 : 2 * groups], phase),
  wave([2, 2, 2 * groups], phase + 5),
]

const inner = (a: Tensor, b: Tensor): number => a.mul(b).sum().item() as number

describe('for any strides, dilations and groups', () => {
  test.prop([configuration], { numRuns: 15 })('forward and reverse derivatives are transposes', (c) => {
    const f = convolve(c)
    const [x, k] = operands(c)
    const [dx, dk] = operands(c, 9)
    const [out, tangent] = jvp(f, [x, k], [dx, dk])
    const ct = wave(out.shape, 3)
    const [cx, ck] = vjp(f, [x, k])[1](ct) as readonly [Tensor, Tensor]
    expect(inner(tangent as Tensor, ct)).toBeCloseTo(inner(cx, dx) + inner(ck, dk), 3)
  })

  test.prop([configuration], { numRuns: 6 })('vmap is a loop, of the derivatives too, compiled or not', (c) => {
    const f = convolve(c)
    const ct = wave(f(...operands(c)).shape, 3)
    const gradients = (x: Tensor, k: Tensor): readonly Tensor[] => vjp(f, [x, k])[1](ct) as readonly Tensor[]
    const entries = [0, 1, 2].map((i) => operands(c, i))
    const [xs, ks] = [stack(entries.map((e) => e[0])), stack(entries.map((e) => e[1]))]
    const loop = (xAt: (i: number) => Tensor, kAt: (i: number) => Tensor): unknown => {
      const each = entries.map((_, i) => gradients(xAt(i), kAt(i)))
      return bits([0, 1].map((o) => stack(each.map((g) => g[o]!))))
    }
    const x = (i: number): Tensor => entries[i]![0]
    const k = (i: number): Tensor => entries[i]![1]
    expect(bits(vmap(gradients)(xs, ks))).toEqual(loop(x, k))
    expect(bits(jit(vmap(gradients))(xs, ks))).toEqual(loop(x, k))
    expect(bits(vmap(gradients, { inAxes: [0, null] })(xs, k(0)))).toEqual(loop(x, () => k(0)))
    expect(bits(vmap(gradients, { inAxes: [null, 0] })(x(0), ks))).toEqual(loop(() => x(0), k))
  })
})

describe('an extreme over windows', () => {
  const pool = (x: Tensor): Tensor => reduceWindow(x, 'max', [2], 1, 'VALID')

  test('gives its derivative to the first element that attains it', () => {
    expect(
      grad((x: Tensor) =>
        pool(x)
          .mul(array([1, 10, 100]))
          .sum(),
      )(array([2, 2, 1, 1])).toArray(),
    ).toEqual([1, 10, 100, 0])
  })

  test('gives it to an element rather than to padding', () => {
    const f = (x: Tensor): Tensor =>
      reduceWindow(x, 'max', [2], 1, [[1, 1]])
        .mul(array([1, 10, 100]))
        .sum()
    expect(grad(f)(array([-Infinity, -Infinity])).toArray()).toEqual([11, 100])
  })

  test('has derivatives of every order', () => {
    const f = (x: Tensor): Tensor => pool(x).mul(x.slice('1:')).mul(x.slice(':-1')).sum()
    const x = array([1, 3, 2])
    // max(x0, x1) x0 x1 + max(x1, x2) x1 x2 is here x1^2 (x0 + x2).
    expect(grad(f)(x).toArray()).toEqual([9, 18, 9])
    const second = grad((y: Tensor) => grad(f)(y).slice(1))
    expect(second(x).toArray()).toEqual([6, 6, 6])
    expect(grad((y: Tensor) => second(y).slice(0))(x).toArray()).toEqual([0, 2, 0])
  })

  test('gives no derivative where a window has no element', () => {
    const f = (x: Tensor): Tensor => reduceWindow(x, 'sum', [1], 3, [[2, 0]]).sum()
    expect(grad(f)(array([1, 2, 3, 4, 5])).toArray()).toEqual([0, 1, 0, 0, 1])
  })

  test('keeps entries of a batch apart', () => {
    const xs = arange(12).mul(7).mod(5).reshape([3, 4]).astype('float32')
    const g = grad((x: Tensor) => pool(x).square().sum())
    expect(bits(vmap(g)(xs))).toEqual(bits(stack([0, 1, 2].map((i) => g(xs.slice(i))))))
    expect(bits(jit(vmap(g))(xs))).toEqual(bits(vmap(g)(xs)))
  })
})

test('the gradient of an einsum is an einsum', () => {
  const [a, b, c] = [wave([2, 3]), wave([3, 4], 1), wave([4, 2], 2)]
  const [da] = grad((x: Tensor, y: Tensor, z: Tensor) => einsum('ij,jk,ki->', x, y, z), { argnums: [0] })(a, b, c)
  const want = einsum('jk,ki->ij', b, c)
  expect(da.sub(want).abs().max().item()).toBeLessThan(1e-6)
})

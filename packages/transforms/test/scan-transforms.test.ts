import { fc, test } from '@fast-check/vitest'
import { rest } from '@linum/filters'
import { flatten, Param, Rngs } from '@linum/graph'
import { arange, array, random, stack, type Tensor } from '@linum/tensor'
import { Carry, grad, jit, scan, type ScanOptions, StateAxes, traceCount, valueAndGrad, vmap } from '@linum/transforms'
import { describe, expect, it } from 'vitest'
import { Count, counter, Foo, numbers, param, StatefulLinear } from './models.js'

const p = (m: Foo): Param => m.p as Param
const n = (m: Foo): Count => m.n as Count
const row = (...xs: readonly number[]): Tensor => array([...xs]).astype('float32')
const f32 = (x: number): Tensor => array(x).astype('float32')
const entry = (x: Tensor, i: number): Tensor => x.take(i, { axis: 0 })

describe('within other transforms', () => {
  const layers = (size: number): StatefulLinear =>
    vmap((key: Tensor) => new StatefulLinear(2, 2, { rngs: new Rngs(key) }))(random.split(random.key(3), size))
  const apply = (m: StatefulLinear, x: Tensor): Tensor => m.forward(x).tanh()
  const forward = scan(apply, { inAxes: [0, Carry], outAxes: Carry })
  const x = row(0.5, -0.3).reshape([1, 2])

  it('the body is traced as often for many steps as for few', () => {
    const traces = (length: number, axes: ScanOptions['inAxes']): number => {
      let count = 0
      scan((m: Foo, c: Tensor) => (count++, n(m).update((k) => k.add(1)), c.add(1)), {
        inAxes: axes!,
        outAxes: Carry,
        length,
      })(new Foo({ n: counter() }), f32(0))
      return count
    }
    expect([traces(2, [null, Carry]), traces(200, [null, Carry])]).toEqual([2, 2])
    const carried = [2, 200].map((length) => {
      let count = 0
      scan((c: Tensor) => (count++, c.add(1)), { inAxes: Carry, outAxes: Carry, length })(f32(0))
      return count
    })
    expect(carried).toEqual([1, 1])
  })

  it('jit of a scan does what the scan does, traced once', () => {
    const [m, twin] = [layers(3), layers(3)]
    const run = jit((m: StatefulLinear, x: Tensor) => forward(m, x))
    for (let i = 0; i < 3; i++) {
      const [got, want] = [numbers(run(m, x)), numbers(forward(twin, x))] as number[][][]
      got![0]!.forEach((g, k) => expect(g).toBeCloseTo(want![0]![k]!, 6))
    }
    expect([numbers(m.count), traceCount(run)]).toEqual([[3, 3, 3], 1])
  })

  it('scan within scan and within vmap', () => {
    const grid = (m: Foo): Tensor =>
      scan((c: Tensor, m: Foo): readonly [Tensor, null] => [c.add(p(m)), (p(m).update((v) => v.mul(2)), null)])(
        f32(0),
        m,
      )[0]
    const make = (): Foo => new Foo({ p: new Param(arange(6).reshape([2, 3]).astype('float32')) })
    const [a, b] = [make(), make()]
    expect(numbers(scan(grid, { inAxes: [0], outAxes: 0 })(a))).toEqual([3, 12])
    expect(numbers(vmap(grid)(b))).toEqual([3, 12])
    expect([numbers(a.p), numbers(b.p)]).toEqual([
      [
        [0, 2, 4],
        [6, 8, 10],
      ],
      [
        [0, 2, 4],
        [6, 8, 10],
      ],
    ])
  })

  test.prop([fc.integer({ min: 1, max: 4 }), fc.boolean(), fc.integer({ min: -3, max: 3 })], { numRuns: 25 })(
    'values, updates and gradients are those of the unrolled loop',
    (size, reverse, seed) => {
      const [m, twin] = [layers(size), layers(size)]
      const start = random.normal(random.key(seed + 3), [2, 2])
      const looped = scan(apply, { inAxes: [0, Carry], outAxes: Carry, reverse })
      const [loss, grads] = valueAndGrad((m: StatefulLinear, x: Tensor) => looped(m, x).square().sum(), {
        argnums: [0, 1] as const,
      })(m, start)
      const unrolled = (m: StatefulLinear, x: Tensor): Tensor => {
        let h = x
        const order = Array.from({ length: size }, (_, i) => (reverse ? size - 1 - i : i))
        for (const i of order) h = h.matmul(entry(m.w.value, i)).add(entry(m.b.value, i)).tanh()
        return h.square().sum()
      }
      const [want, wants] = valueAndGrad(unrolled, { argnums: [0, 1] as const })(twin, start)
      expect(Number(loss.item())).toBeCloseTo(Number(want.item()), 5)
      const flat = (g: unknown): number[] =>
        flatten([g]).leaves.flatMap((l) => (numbers(l) as number[]).flat(9) as number[])
      const [got, expected] = [flat([grads[0], grads[1]]), flat([wants[0], wants[1]])]
      expect(got.length).toBe(expected.length)
      got.forEach((g, i) => expect(g).toBeCloseTo(expected[i]!, 5))
      expect(numbers(m.count)).toEqual(numbers(stack(Array.from({ length: size }, () => array(1)))))
    },
  )

  test.prop([fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 1, maxLength: 6 })], { numRuns: 25 })(
    'the gradient of a carried and of a shared module is that of the loop',
    (xs) => {
      const loop = (m: Foo, s: Foo): Tensor => xs.reduce((c, x) => c.mul(p(s)).add(p(m).value.mul(x)), f32(1))
      const scanned = (m: Foo, s: Foo): Tensor =>
        scan((m: Foo, c: Tensor, s: Foo, x: Tensor) => c.mul(p(s)).add(p(m).value.mul(x)), {
          inAxes: [null, Carry, new StateAxes([[rest, Carry]]), 0],
          outAxes: Carry,
        })(m, f32(1), s, row(...xs))
      const both = (f: typeof loop): unknown =>
        grad(f, { argnums: [0, 1] as const })(new Foo({ p: param(0.5) }), new Foo({ p: param(1.5) })).map((g) =>
          numbers((g as unknown as { p: Param }).p),
        )
      const [got, want] = [both(scanned), both(loop)] as number[][]
      got!.forEach((g, i) => expect(g).toBeCloseTo(want![i]!, 3))
    },
  )
})

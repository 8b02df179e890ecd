import { grad, vmap, type VmapOptions } from '@linum/autodiff'
import {
  array,
  cond,
  foriLoop,
  jit,
  makeProgram,
  map,
  ones,
  scan,
  sin,
  stack,
  switchCase,
  Tensor,
  tree,
  whileLoop,
  zeros,
} from '@linum/tensor'
import { describe, expect, it } from 'vitest'
import { bits, ints, values } from './readings.js'

describe('vmap of control flow', () => {
  const batched = (f: (...xs: Tensor[]) => unknown, inAxes: readonly (0 | null)[], ...xs: Tensor[]): void => {
    const n = xs[inAxes.indexOf(0)]!.shape[0]!
    const each = Array.from(
      { length: n },
      (_, i) => tree.leaves(f(...xs.map((x, k) => (inAxes[k] === 0 ? x.slice(i) : x)))) as Tensor[],
    )
    const want = bits(each[0]!.map((_, o) => stack(each.map((r) => r[o]!))))
    expect(bits(tree.leaves(vmap(f as never, { inAxes } as never)(...(xs as never[]))))).toEqual(want)
    expect(bits(tree.leaves(jit(vmap(f as never, { inAxes } as never) as never)(...(xs as never[]))))).toEqual(want)
  }
  const [x, xs] = [array([0.5, -1, 2, 0.1]), sin(array([1, 2, 3, 4, 5, 6, 7, 8]).reshape([4, 2]))]
  const loop = (c: Tensor, xs: Tensor): unknown =>
    scan((c: Tensor, x: Tensor) => [sin(c).add(x), c.mul(x)] as const, c, xs)

  it('scan, with the start, the values or both batched', () => {
    batched(loop as never, [0, 0], x, xs)
    batched(loop as never, [0, null], x, xs.ravel())
    batched(loop as never, [null, 0], array(0.3), xs)
    batched(
      ((c: Tensor, xs: Tensor) =>
        scan((c: Tensor, x: Tensor) => [sin(c).add(x), c.mul(x)] as const, c, xs, { reverse: true })) as never,
      [0, 0],
      x,
      xs,
    )
  })

  it('scan with a batched value captured', () => {
    batched(
      ((w: Tensor) => scan((c: Tensor, x: Tensor) => [c.mul(w).add(x), c] as const, array(0), xs.ravel())) as never,
      [0],
      x,
    )
  })

  it('a carry that only later steps batch', () => {
    // What enters moves on by one place with each step.
    const shift = (x: Tensor): unknown =>
      scan(
        (c: readonly Tensor[]) => [[x, c[0]!, c[1]!, c[3]!.add(1)], c[2]!] as const,
        [zeros([]), zeros([]), zeros([]), ints(0)],
        null,
        { length: 4 },
      )
    batched(shift as never, [0], x)
    const [[, , , count]] = vmap(
      shift as never,
      { outAxes: [[0, 0, 0, null], 0] } as never,
    )(...([x] as never[])) as unknown as [[Tensor, Tensor, Tensor, Tensor], Tensor]
    expect(count.toArray()).toBe(4)
  })

  it('no steps', () => {
    batched(((c: Tensor) => scan((c: Tensor, x: Tensor) => [c.add(x), c] as const, c, zeros([0]))) as never, [0], x)
  })

  it('map and foriLoop', () => {
    batched(((xs: Tensor) => map((v: Tensor) => sin(v).mul(v), xs)) as never, [0], xs)
    batched(((x: Tensor) => foriLoop(0, 3, (i, v: Tensor) => v.mul(0.5).add(i), x)) as never, [0], x)
    batched(
      ((n: Tensor) => foriLoop(0, n, (i, v: Tensor) => v.mul(2).add(i), array(1))) as never,
      [0],
      ints([3, 0, -2, 5]),
    )
    batched(
      ((lo: Tensor) => foriLoop(lo, 4, (i, v: Tensor) => v.mul(2).add(i), array(1))) as never,
      [0],
      ints([3, 0, -2, 5]),
    )
  })

  it('cond, with the predicate, the operands or captured values batched', () => {
    const choose = (p: Tensor, v: Tensor): unknown =>
      cond(
        p,
        (u: Tensor) => [sin(u), u] as const,
        (u: Tensor) => [u.mul(2), array(7)] as const,
        v,
      )
    batched(choose as never, [0, 0], x.greater(0), x)
    batched(choose as never, [0, null], x.greater(0), array(3))
    batched(choose as never, [null, 0], array(true), x)
    batched(choose as never, [null, 0], array(false), x)
    batched(
      ((v: Tensor) =>
        cond(
          v.greater(0),
          () => v.sqrt(),
          () => v.neg(),
        )) as never,
      [0],
      x,
    )
  })

  it('switchCase with an index per entry, clamped', () => {
    const branches = [
      (v: Tensor): Tensor => v,
      (v: Tensor): Tensor => v.mul(10),
      (v: Tensor): Tensor => v.neg(),
    ] as const
    batched(((i: Tensor, v: Tensor) => switchCase(i, branches, v)) as never, [0, 0], ints([-5, 1, 2, 9]), x)
    batched(((i: Tensor, v: Tensor) => switchCase(i, branches, v)) as never, [0, null], ints([-5, 1, 2, 9]), x)
    expect(values(vmap((i: Tensor) => switchCase(i, branches, array(3)))(ints([-5, 0, 1, 2, 9])))).toEqual([
      3, 3, 30, -3, -3,
    ])
  })

  it('whileLoop, whose entries end at different times', () => {
    const double = (v: Tensor): Tensor =>
      whileLoop(
        (u: Tensor) => u.less(100),
        (u) => u.mul(2),
        v,
      )
    expect(values(vmap(double)(array([1, 3, 50, 200])))).toEqual([128, 192, 100, 200])
    batched(double as never, [0], array([1, 3, 50, 200]))
    const limit = (v: Tensor, l: Tensor): unknown =>
      whileLoop(
        ({ v }) => v.less(l),
        ({ v, n }) => ({ v: v.mul(2), n: n.add(1) }),
        { v, n: ints(0) },
      )
    batched(limit as never, [null, 0], array(1), array([1, 3, 50, 200]))
    batched(limit as never, [0, null], array([1, 3, 50, 200]), array(60))
  })

  it('an entry that has ended is not touched by what the others go on with', () => {
    const f = (n: Tensor): Tensor =>
      whileLoop(
        ({ n }) => n.greater(0),
        ({ n, v }) => ({ n: n.sub(1), v: v.div(n.sub(1)) }),
        { n, v: array(1) },
      ).v
    expect(values(vmap(f)(ints([0, 1, 3])))).toEqual([1, Infinity, Infinity])
    expect(
      values(
        vmap(
          (n: Tensor) =>
            whileLoop(
              ({ n }) => n.greater(1),
              ({ n, v }) => ({ n: n.sub(1), v: v.div(n.sub(1)) }),
              { n, v: array(1) },
            ).v,
        )(ints([0, 1, 3])),
      ),
    ).toEqual([1, 1, 0.5])
  })

  it('a while loop whose test does not see the batch runs once for all', () => {
    const f = (v: Tensor): Tensor =>
      whileLoop(
        ({ n }) => n.less(3),
        ({ n, v }) => ({ n: n.add(1), v: v.mul(2) }),
        { n: ints(0), v },
      ).v
    const program = makeProgram((v: Tensor) => vmap(f)(v))(array([1, 2]))
    const [loop] = program.equations
    expect(loop!.primitive).toBe('while')
    expect(loop!.outputs.map((o) => o.aval.shape)).toEqual([[], [2]])
    expect(values(vmap(f)(array([1, 2])))).toEqual([8, 16])
  })

  it('a branch that all entries take is the only one that runs', () => {
    const f = (p: Tensor, v: Tensor): Tensor => cond(p, sin, (u: Tensor) => u.sqrt(), v)
    const names = (inAxes: VmapOptions<[Tensor, Tensor]>['inAxes'], p: Tensor): readonly string[] =>
      makeProgram((p: Tensor, v: Tensor) => vmap(f, { inAxes: inAxes! })(p, v))(p, array([1, 2])).equations.map(
        (e) => e.primitive,
      )
    expect(names([null, 0], array(true))).toContain('cond')
    expect(names([0, 0], array([true, false]))).not.toContain('cond')
  })

  it('the body of a loop is traced once', () => {
    let traces = 0
    const f = (c: Tensor): Tensor =>
      scan(
        (c: Tensor) => {
          traces++
          return [sin(c), null] as const
        },
        c,
        null,
        { length: 5 },
      )[0]
    vmap(vmap(f))(ones([2, 3]))
    expect(traces).toBe(1)
  })

  it('a gradient per entry follows its own branch', () => {
    const f = (v: Tensor): Tensor =>
      cond(
        v.greater(0),
        (u: Tensor) => u.sqrt(),
        (u: Tensor) => u.mul(0),
        v,
      )
    expect(values(vmap(grad(f))(array([4, 0, -4])))).toEqual([0.25, 0, 0])
  })
})

import {
  array,
  cond,
  foriLoop,
  jit,
  random,
  switchCase,
  Tensor,
  traceCount,
  where,
  whileLoop,
  zeros,
} from '@linum/tensor'
import { describe, expect, it } from 'vitest'
import { bothWays, ints, typed, values } from './both-ways.js'

describe('cond', () => {
  const f = (p: Tensor, x: Tensor): Tensor =>
    cond(
      p,
      (v: Tensor) => v.add(1),
      (v: Tensor) => v.mul(10),
      x,
    )

  it('runs one of two functions', () => {
    expect(bothWays(f, array(true), array(3)).item()).toBe(4)
    expect(bothWays(f, array(false), array(3)).item()).toBe(30)
    expect(
      cond(
        true,
        () => array(1),
        () => array(2),
      ).item(),
    ).toBe(1)
    expect(
      values(
        cond(
          false,
          (a: Tensor, b: { c: Tensor }) => [a, b.c],
          (a: Tensor, b: { c: Tensor }) => [b.c, a],
          array(1),
          { c: array(2) },
        ),
      ),
    ).toEqual([2, 1])
  })

  it('a number holds where it is not 0', () => {
    expect(
      [array(0), array(-0), array(NaN), array(0.1), ints(0), ints(-2)].map((p) => bothWays(f, p, array(3)).item()),
    ).toEqual([30, 30, 4, 4, 30, 4])
    expect(
      [0, 1, false, true]
        .map(
          (p) =>
            cond(
              p,
              () => 1,
              () => 2,
            ) as unknown as Tensor,
        )
        .map((t) => t.item()),
    ).toEqual([2, 1, 2, 1])
  })

  it('captures what either branch needs', () => {
    const [a, b] = [array([1, 2]), array([3, 4])]
    const g = (p: Tensor, x: Tensor): Tensor =>
      cond(
        p,
        () => a.add(x),
        () => b.mul(x).add(a),
      )
    expect(values(bothWays(g, array(true), array(10)))).toEqual([11, 12])
    expect(values(bothWays(g, array(false), array(10)))).toEqual([31, 42])
  })

  it('a weak result gives way to that of the other branch, whichever comes first', () => {
    const one = ints(5)
    expect(
      typed(
        cond(
          true,
          (v: Tensor) => v,
          () => 0 as unknown as Tensor,
          one,
        ),
      ),
    ).toEqual(['int32', [], [5]])
    expect(
      typed(
        cond(
          true,
          () => 7 as unknown as Tensor,
          (v: Tensor) => v,
          one,
        ),
      ),
    ).toEqual(['int32', [], [7]])
    expect(
      typed(
        cond(
          false,
          (v: Tensor) => v.astype('float32'),
          (v: Tensor) => v.greater(0).add(1),
          one,
        ),
      ),
    ).toEqual(['float32', [], [2]])
    expect(
      typed(
        cond(
          true,
          () => 1,
          () => 2,
        ),
      ),
    ).toEqual(['float32', [], [1]])
    expect(
      (
        cond(
          true,
          () => 1,
          () => 2,
        ) as unknown as Tensor
      ).weak,
    ).toBe(false)
  })

  it('the branch not taken is not run', () => {
    // It would not end.
    const g = (p: Tensor, x: Tensor): Tensor =>
      cond(
        p,
        (v: Tensor) =>
          whileLoop(
            () => true,
            (u: Tensor) => u,
            v,
          ),
        (v: Tensor) => v,
        x,
      )
    expect(bothWays(g, array(false), array(3)).item()).toBe(3)
  })

  it('chooses keys', () => {
    const k = random.key(3)
    expect(
      typed(
        bothWays(
          (p: Tensor, k: Tensor) =>
            cond(
              p,
              (k: Tensor) => random.split(k).slice(1),
              (k: Tensor) => k,
              k,
            ),
          array(true),
          k,
        ),
      ),
    ).toEqual(typed(random.split(k).slice(1)))
  })
})

describe('switchCase', () => {
  const branches = [(v: Tensor): Tensor => v, (v: Tensor): Tensor => v.mul(10), (v: Tensor): Tensor => v.neg()] as const

  it('runs the branch with the number, clamped to those there are', () => {
    expect(
      [-5, 0, 1, 2, 3, 99].map((i) => bothWays((i: Tensor) => switchCase(i, branches, array(3)), ints(i)).item()),
    ).toEqual([3, 3, 30, -3, -3, -3])
    expect([-5, 0, 1, 2, 3].map((i) => switchCase(i, branches, array(3)).item())).toEqual([3, 3, 30, -3, -3])
    expect(switchCase(array(Uint32Array.of(4294967295)).reshape([]), branches, array(3)).item()).toBe(-3)
    expect(switchCase(7, [branches[1]], array(3)).item()).toBe(30)
  })
})

describe('whileLoop', () => {
  it('repeats while the test holds', () => {
    expect(
      bothWays(
        (x: Tensor) =>
          whileLoop(
            (v: Tensor) => v.less(100),
            (v) => v.mul(2),
            x,
          ),
        array(3).astype('float32'),
      ).item(),
    ).toBe(192)
    expect(
      values(
        bothWays(
          (x: Tensor) =>
            whileLoop(
              (v: Tensor) => v.sum().less(100),
              (v) => v.mul(2),
              x,
            ),
          array([3, 4]),
        ),
      ),
    ).toEqual([48, 64])
  })

  it('not at all where it does not hold to begin with', () => {
    expect(
      bothWays(
        (x: Tensor) =>
          whileLoop(
            (v: Tensor) => v.less(1),
            (v) => v.mul(2),
            x,
          ),
        array(3).astype('float32'),
      ).item(),
    ).toBe(3)
  })

  it('of a tree, with captured values in the test and in the body', () => {
    const f = (limit: Tensor, factor: Tensor): unknown =>
      whileLoop(
        ({ v, n }) => v.less(limit).logicalAnd(n.less(10)),
        ({ v, n, k }) => ({ v: v.mul(factor), n: n.add(1), k: random.split(k).slice(0) }),
        { v: array(1), n: ints(0), k: random.key(0) },
      )
    const { v, n } = bothWays(f, array(50), array(3)) as { v: Tensor; n: Tensor }
    expect(values([v, n])).toEqual([81, 4])
  })

  it('a number holds where it is not 0', () => {
    expect(
      whileLoop(
        (v: Tensor) => v,
        (v) => v.sub(1),
        ints(5),
      ).item(),
    ).toBe(0)
  })

  it('finds a root by bisection', () => {
    const f = jit(
      (target: Tensor) =>
        whileLoop(
          ({ lo, hi }) => hi.sub(lo).greater(1e-5),
          ({ lo, hi }) => {
            const mid = lo.add(hi).mul(0.5)
            const above = mid.mul(mid).greater(target)
            return { lo: where(above, lo, mid), hi: where(above, mid, hi) }
          },
          { lo: zeros([]), hi: target.add(1) },
        ).lo,
    )
    for (const x of [2, 9, 30.25]) expect(f(array(x).astype('float32')).item()).toBeCloseTo(Math.sqrt(x), 3)
    expect(traceCount(f)).toBe(1)
  })
})

describe('foriLoop', () => {
  it('counts from the first to before the last', () => {
    const f = (v: Tensor): unknown => [
      foriLoop(0, 5, (i, v: Tensor) => v.add(i), v),
      foriLoop(-3, 2, (i, v: Tensor) => v.mul(2).add(i), v),
      foriLoop(5, 2, (_, v: Tensor) => v.add(1), v),
    ]
    expect(values(bothWays(f, ints(1)))).toEqual([11, 32 + -3 * 16 + -2 * 8 + -1 * 4 + 0 + 1, 1])
    expect(values(bothWays(f, array(1).astype('float32')))).toEqual([11, -35, 1])
  })

  it('takes tensors for its bounds', () => {
    const f = (lo: Tensor, hi: Tensor): Tensor => foriLoop(lo, hi, (i, v: Tensor) => v.mul(2).add(i), array(1))
    for (const [lo, hi] of [
      [0, 4],
      [-3, 2],
      [4, 1],
    ] as const) {
      const want = foriLoop(lo, hi, (i, v: Tensor) => v.mul(2).add(i), array(1)).item()
      expect(bothWays(f, ints(lo), ints(hi)).item()).toBe(want)
      expect(foriLoop(lo, ints(hi), (i, v: Tensor) => v.mul(2).add(i), array(1)).item()).toBe(want)
      expect(foriLoop(ints(lo), hi, (i, v: Tensor) => v.mul(2).add(i), array(1)).item()).toBe(want)
    }
  })

  it('the counter is int32 and can index', () => {
    expect(
      values(
        bothWays(
          (xs: Tensor) =>
            foriLoop(0, 3, (i, { s }: { n: Tensor; s: Tensor }) => ({ n: i, s: s.add(xs.take(i).mul(i)) }), {
              n: ints(0),
              s: array(0),
            }),
          array([5, 7, 11]),
        ),
      ),
    ).toEqual({ n: 2, s: 29 })
  })
})

import { fc, test } from '@fast-check/vitest'
import { Not, OfType, PathContains, rest } from '@linum/filters'
import { clone, iterGraph, Param, Rngs, state, toPureDict, Variable } from '@linum/graph'
import { arange, array, random, stack, type Tensor, zeros } from '@linum/tensor'
import { Carry, grad, jit, StateAxes, traceCount, valueAndGrad, vmap } from '@linum/transforms'
import { describe, expect, it } from 'vitest'
import { Count, counter, Foo, Linear, numbers, param, StatefulLinear, thrown } from './models.js'

const p = (m: Foo): Param => m.p as Param
const row = (...xs: readonly number[]): Tensor => array([...xs]).astype('float32')
const entry = (x: Tensor, i: number): Tensor => x.take(i, { axis: 0 })
const stacked = (...xs: readonly number[]): Foo => new Foo({ p: new Param(row(...xs)) })

describe('modules as arguments', () => {
  it('lose the leading axis of every leaf inside, and get the updates back', () => {
    const m = new Foo({
      p: new Param(arange(6).reshape([3, 2]).astype('float32')),
      n: new Count(zeros([3], { dtype: 'int32' })),
    })
    const { p: before } = m
    const shapes: unknown[] = []
    const out = vmap((m: Foo, x: Tensor) => {
      shapes.push(p(m).shape, (m.n as Count).shape)
      ;(m.n as Count).update((n) => n.add(1))
      return p(m).mul(x).sum()
    })(m, row(1, 10, 100))
    expect(shapes).toEqual([[2], []])
    expect(numbers(out)).toEqual([1, 50, 900])
    expect(numbers(m.n)).toEqual([1, 1, 1])
    expect(m.p).toBe(before)
  })

  it('have the axes that StateAxes gives to classes, the first match deciding', () => {
    const m = new Foo({ p: new Param(arange(6).reshape([2, 3]).astype('float32')), n: counter(), t: row(7) })
    const axes = new StateAxes([
      [Param, 1],
      [rest, null],
    ])
    const out = vmap((m: Foo) => p(m).mul(m.t as Tensor), { inAxes: [axes] })(m)
    expect(numbers(out)).toEqual([
      [0, 21],
      [7, 28],
      [14, 35],
    ])
    expect(p(m).shape).toEqual([2, 3])
  })

  it('keep a written leaf on the axis it came with', () => {
    for (const axis of [1, -1]) {
      const m = new Foo({ p: new Param(arange(6).reshape([2, 3]).astype('float32')) })
      vmap((m: Foo, x: Tensor) => void p(m).update((v) => v.mul(x)), { inAxes: [new StateAxes([[rest, axis]]), 0] })(
        m,
        row(1, 10, 100),
      )
      expect(numbers(m.p)).toEqual([
        [0, 10, 200],
        [3, 40, 500],
      ])
    }
  })

  it('that no filter of StateAxes takes are refused', () => {
    const m = new Foo({ p: param(1), n: counter() })
    expect(thrown(() => vmap((m: Foo) => m.p, { inAxes: [new StateAxes([[Param, null]])], axisSize: 2 })(m))).toBe(
      "GraphError: StateAxes: No axis found for path 'n', a Count; add [rest, null] to say that all others have none",
    )
  })

  it('with axis null are shared: writes that do not depend on the entry are kept', () => {
    const m = new Foo({ p: param(2), n: counter() })
    const out = vmap(
      (m: Foo, x: Tensor) => {
        ;(m.n as Count).update((n) => n.add(1))
        return p(m).mul(x)
      },
      { inAxes: [null, 0] },
    )(m, row(1, 2, 3))
    expect([numbers(out), numbers(m.n)]).toEqual([[2, 4, 6], 1])
  })

  it('with axis null refuse writes that depend on the entry, and stay as they were', () => {
    const m = new Foo({ p: param(2) })
    expect(
      thrown(() => vmap((m: Foo, x: Tensor) => void p(m).update((v) => v.add(x)), { inAxes: [null, 0] })(m, row(1, 2))),
    ).toMatch(/^ShapeError: vmap\(.*\): a result depends on the mapped axis but outAxes says null/)
    expect(numbers(m.p)).toBe(2)
  })

  it('give all entries the same random keys with axis null, and other ones where the keys are split', () => {
    const draw = (rngs: Rngs, _: Tensor): Tensor => rngs.uniform([2])
    const [shared, split] = [new Rngs(0), new Rngs(0).split(3)]
    const same = numbers(vmap(draw, { inAxes: [null, 0] })(shared, zeros([3]))) as number[][]
    expect([same[1], same[2]]).toEqual([same[0], same[0]])
    expect(numbers(shared.stream().count)).toBe(1)
    const other = numbers(vmap(draw)(split, zeros([3]))) as number[][]
    expect(new Set(other.flat()).size).toBe(6)
    expect(numbers(split.stream().count)).toEqual([1, 1, 1])
  })

  it('may share Variables inside themselves: one leaf, written once', () => {
    const v = new Param(row(1, 2, 3))
    const m = new Foo({ a: v, b: v })
    vmap((m: Foo) => {
      expect(m.a).toBe(m.b)
      ;(m.a as Param).update((x) => x.mul(2))
    })(m)
    expect(m.a).toBe(v)
    expect([m.b, numbers(v)]).toEqual([v, [2, 4, 6]])
  })

  it('may be edited: added attributes get the axis of their module, static ones are set', () => {
    const m = stacked(1, 2)
    vmap((m: Foo) => {
      m.q = new Param(p(m).value.add(1))
      m.t = p(m).value.mul(3)
      m.seen = 'yes'
    })(m)
    expect([numbers(m.q), numbers(m.t), m.seen]).toEqual([[2, 3], [3, 6], 'yes'])
  })

  it('are the same objects when they are returned', () => {
    const m = stacked(1, 2)
    expect(vmap((m: Foo) => m)(m)).toBe(m)
    expect(vmap((m: Foo) => ({ part: m.p }))(m).part).toBe(m.p)
  })
})

describe('new modules', () => {
  const make = (key: Tensor): Linear => new Linear(2, 3, { rngs: new Rngs(key) })

  it('are stacked: entry by entry those that each key makes', () => {
    const keys = random.split(random.key(0), 4)
    const m = vmap(make)(keys)
    expect(m).toBeInstanceOf(Linear)
    expect([m.w.shape, m.b.shape, m.din]).toEqual([[4, 2, 3], [4, 3], 2])
    expect(numbers(m.w)).toEqual([0, 1, 2, 3].map((i) => numbers(make(entry(keys, i)).w)))
  })

  it('have the batch on the axis that outAxes says', () => {
    const keys = random.split(random.key(0), 4)
    const first = numbers(vmap(make)(keys).w)
    const m = vmap(make, {
      outAxes: new StateAxes([
        [PathContains('w'), -1],
        [rest, 0],
      ]),
    })(keys)
    expect([m.w.shape, m.b.shape]).toEqual([
      [2, 3, 4],
      [4, 3],
    ])
    expect(numbers(m.w.moveaxis(-1, 0))).toEqual(first)
    expect(vmap(make, { outAxes: 1 })(keys).w.shape).toEqual([2, 4, 3])
  })

  it('that do not depend on the entry are repeated, as often as axisSize says', () => {
    const m = vmap(() => new Linear(2, 3), { axisSize: 5 })()
    expect([m.w.shape, numbers(m.b)]).toEqual([[5, 2, 3], numbers(zeros([5, 3]))])
  })
})

describe('plain values', () => {
  it('may be trees with an axis for each part, and numbers with axis null', () => {
    const f = ({ x, y }: { readonly x: Tensor; readonly y: Tensor }, s: number | Tensor): Tensor => x.mul(s).add(y)
    const out = vmap(f, { inAxes: [{ x: 0, y: null }, null] })({ x: row(1, 2), y: row(10) }, 3)
    expect(numbers(out)).toEqual([[13], [16]])
  })

  it('as results have the axes of outAxes, numbers included', () => {
    const f = (x: Tensor): readonly [Tensor, { readonly n: number | Tensor }] => [x.add(row(0, 1, 2)), { n: 3 }]
    const [y, { n }] = vmap(f, { outAxes: [1, 0] })(row(10, 20))
    expect(numbers(y)).toEqual([
      [10, 20],
      [11, 21],
      [12, 22],
    ])
    expect(numbers(n)).toEqual([3, 3])
  })

  it('need an extent, and one alone', () => {
    expect(thrown(() => vmap((x: Tensor) => x, { inAxes: [null] })(row(1)))).toMatch(
      /^TypeError: vmap(\(anonymous\))?: no argument has an axis to map over; give \{ axisSize \}/,
    )
    expect(thrown(() => vmap((m: Foo, x: Tensor) => p(m).add(x))(stacked(1, 2), row(1, 2, 3)))).toMatch(
      /^ShapeError: .*inconsistent sizes.*2, 3/,
    )
    expect(thrown(() => vmap((x: Tensor) => x, { inAxes: [0, 0] as never })(row(1)))).toBe(
      'TypeError: vmap(anonymous): inAxes must give one axis per argument, got 2 for 1',
    )
  })

  it('are no place for StateAxes or Carry', () => {
    expect(thrown(() => vmap((x: Tensor) => x, { inAxes: [new StateAxes([[rest, 0]])] })(row(1)))).toMatch(
      /^GraphError: .*Cannot use StateAxes on non-graph nodes/,
    )
    expect(thrown(() => vmap((x: Tensor) => x, { inAxes: [Carry as never] })(row(1)))).toMatch(
      /^TypeError: .*Carry is for scan/,
    )
  })
})

describe('sharing with different axes is refused', () => {
  const head = 'GraphError: vmap(f): Inconsistent aliasing detected. The following nodes have different prefixes:\n'
  const v = new Param(row(1, 2))
  const [a, b] = [new Foo({ p: v }), new Foo({ p: v })]

  it('between arguments', () => {
    const f = (_: Foo, __: Foo): void => undefined
    expect(thrown(() => vmap(f, { inAxes: [0, null] })(a, b))).toBe(`${head}Node: Param\n  0/p: 0\n  1/p: null`)
    expect(thrown(() => vmap(f, { inAxes: [0, null] })(a, a))).toBe(`${head}Node: Param\n  0/p: 0\n  1/p: null`)
  })

  it('inside a module, with every path in the words of the graph', () => {
    const f = (_: Foo): void => undefined
    const axes = new StateAxes([
      [PathContains('left'), 0],
      [rest, null],
    ])
    const rngs = new Rngs(0).split(2)
    expect(thrown(() => vmap(f, { inAxes: [axes] })(new Foo({ left: a, right: b })))).toBe(
      `${head}Node: Param\n  0/left/p: 0\n  0/right/p: null`,
    )
    expect(thrown(() => vmap(f, { inAxes: [axes] })(new Foo({ left: rngs, right: rngs })))).toBe(
      `${head}Node: RngCount\n  0/left/default/count: 0\n  0/right/default/count: null\nNode: RngKey\n  0/left/default/key: 0\n  0/right/default/key: null`,
    )
  })

  it('between an argument and the result', () => {
    const f = (m: Foo): Foo => m
    expect(thrown(() => vmap(f, { inAxes: [0], outAxes: 1 })(a))).toBe(`${head}Node: Param\n  0/p: 0\n  result/p: 1`)
    expect(numbers(v)).toEqual([1, 2])
  })

  it('but axes said in other words are the same axes, cycles included', () => {
    const loop = new Foo({ p: v })
    loop.self = loop
    const run = vmap((x: Foo, y: Foo, z: Foo, l: Foo) => p(x).add(p(y)).add(p(z)).add(p(l)), {
      inAxes: [
        0,
        new StateAxes([[rest, 0]]),
        new StateAxes([
          [Param, 0],
          [Not(Param), null],
        ]),
        0,
      ],
    })
    expect(numbers(run(a, b, a, loop))).toEqual([4, 8])
  })
})

describe('within other transforms', () => {
  const f = (m: StatefulLinear, x: Tensor): Tensor => m.forward(x)
  const make = (): StatefulLinear =>
    vmap((key: Tensor) => new StatefulLinear(2, 2, { rngs: new Rngs(key) }))(random.split(random.key(1), 3))
  const x = arange(6).reshape([3, 2]).astype('float32')

  it('nested, maps two axes', () => {
    const m = new Foo({ p: new Param(arange(6).reshape([2, 3]).astype('float32')) })
    vmap(
      vmap((m: Foo) => {
        expect(p(m).shape).toEqual([])
        p(m).update((v) => v.add(1))
      }),
    )(m)
    expect(numbers(m.p)).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ])
  })

  it('inside jit, does what it does outside, traced once', () => {
    const [m, twin] = [make(), make()]
    const run = jit((m: StatefulLinear, x: Tensor) => vmap(f)(m, x))
    for (let i = 0; i < 3; i++) expect(numbers(run(m, x))).toEqual(numbers(vmap(f)(twin, x)))
    expect([numbers(m.count), numbers(twin.count), traceCount(run)]).toEqual([[3, 3, 3], [3, 3, 3], 1])
  })

  it('with jit inside, writes all entries', () => {
    const [m, twin] = [make(), make()]
    expect(numbers(vmap(jit(f))(m, x))).toEqual(numbers(vmap(f)(twin, x)))
    expect(numbers(m.count)).toEqual([1, 1, 1])
  })

  it('inside grad and around grad, the gradients are the same for a sum over entries', () => {
    const [m, twin] = [make(), make()]
    const [loss, outer] = valueAndGrad((m: StatefulLinear) => vmap(f)(m, x).square().sum())(m)
    const [losses, inner] = vmap((m: StatefulLinear, x: Tensor) =>
      valueAndGrad((m: StatefulLinear) => f(m, x).square().sum())(m),
    )(twin, x)
    expect(Number(loss.item())).toBeCloseTo(Number(losses.sum().item()), 4)
    expect(toPureDict(inner)).toEqual(toPureDict(outer))
    expect([numbers(m.count), numbers(twin.count)]).toEqual([
      [1, 1, 1],
      [1, 1, 1],
    ])
    expect(
      numbers(grad((m: Foo) => vmap((m: Foo) => p(m).square())(m).sum())(stacked(1, 2)) && p(stacked(1, 2))),
    ).toEqual([1, 2])
  })
})

describe('laws', () => {
  interface Spec {
    readonly size: number
    readonly leaves: readonly { readonly key: string; readonly kind: number; readonly extent: number }[]
  }
  const spec: fc.Arbitrary<Spec> = fc.record({
    size: fc.integer({ min: 1, max: 4 }),
    leaves: fc.uniqueArray(
      fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), kind: fc.nat(3), extent: fc.integer({ min: 1, max: 3 }) }),
      { selector: (l) => l.key, minLength: 1 },
    ),
  })
  const build = ({ leaves }: Spec, i: number): Foo => {
    const m = new Foo()
    leaves.forEach(({ key, kind, extent }, k) => {
      const value = arange(extent)
        .astype('float32')
        .add(i * 10 + k)
      m[key] =
        kind === 0
          ? new Param(value)
          : kind === 1
            ? new Count(value)
            : kind === 2
              ? value
              : new Foo({ p: new Param(value), n: k })
    })
    return m
  }
  const leavesOf = (m: Foo): readonly Tensor[] =>
    [...iterGraph(m)].flatMap(([, v]) => (v instanceof Variable ? [(v as Variable).value] : []))
  /** Writes every Variable, adds one, and returns what it saw. */
  const body = (m: Foo, x: Tensor): Tensor => {
    const before = leavesOf(m).reduce((s, t) => s.add(t.sum()), x)
    for (const [, v] of iterGraph(m)) if (v instanceof Variable) (v as Variable).update((t) => t.mul(2).add(x))
    m.extra = new Param(before.mul(x))
    return before
  }

  test.prop([spec], { numRuns: 60 })('a mapped function is a loop over the entries of a stack', (s) => {
    const modules = Array.from({ length: s.size }, (_, i) => build(s, i))
    const xs = arange(s.size).astype('float32')
    const whole = vmap((i: Tensor) => {
      const m = build(s, 0)
      for (const [, v] of iterGraph(m)) if (v instanceof Variable) (v as Variable).update((t) => t.add(i.mul(10)))
      s.leaves.forEach(({ key, kind }) => kind === 2 && (m[key] = (m[key] as Tensor).add(i.mul(10))))
      return m
    })(xs)
    const out = vmap(body)(whole, xs)
    const outs = modules.map((m, i) => body(m, entry(xs, i)))
    expect(numbers(out)).toEqual(numbers(stack(outs)))
    const each = modules.map(leavesOf)
    leavesOf(whole).forEach((t, k) => expect(numbers(t)).toEqual(each.map((ts) => numbers(ts[k]))))
  })

  test.prop([spec, fc.constantFrom(0, -1)], { numRuns: 40 })('mapping the identity changes nothing', (s, axis) => {
    const shape = axis === 0 ? [3, s.size] : [s.size, 3]
    const m = new Foo({
      p: new Param(
        arange(3 * s.size)
          .reshape(shape)
          .astype('float32'),
      ),
      t: row(1, 2, 3),
    })
    const twin = clone(m)
    const run = vmap((m: Foo) => m, {
      inAxes: [
        new StateAxes([
          [OfType(Param), axis],
          [rest, axis],
        ]),
      ],
      outAxes: new StateAxes([[rest, axis]]),
    })
    expect(run(m)).toBe(m)
    expect(toPureDict(state(m))).toEqual(toPureDict(state(twin)))
  })
})

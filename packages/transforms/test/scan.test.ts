import { PathContains, rest } from '@linum/filters'
import { clone, Param, Rngs, type Variable } from '@linum/graph'
import { arange, array, random, type Tensor, zeros } from '@linum/tensor'
import { Carry, scan, type ScanOptions, StateAxes, vmap } from '@linum/transforms'
import { describe, expect, it } from 'vitest'
import { Count, counter, Foo, Linear, numbers, param, thrown } from './models.js'

const p = (m: Foo): Param => m.p as Param
const n = (m: Foo): Count => m.n as Count
const row = (...xs: readonly number[]): Tensor => array([...xs]).astype('float32')
const f32 = (x: number): Tensor => array(x).astype('float32')

describe('plain values', () => {
  it('are carried first and scanned second, unless said otherwise', () => {
    const [c, ys] = scan((c: Tensor, x: Tensor): readonly [Tensor, Tensor] => [c.add(x), c.mul(x)])(
      f32(1),
      row(1, 2, 3),
    )
    expect([numbers(c), numbers(ys)]).toEqual([7, [1, 4, 12]])
  })

  it('take the carry from any place, and give it back in any place', () => {
    const [ys, c] = scan((x: Tensor, c: Tensor, s: Tensor): readonly [Tensor, Tensor] => [c.mul(x), c.add(x.mul(s))], {
      inAxes: [0, Carry, null],
      outAxes: [0, Carry],
    })(row(1, 2, 3), f32(1), f32(10))
    expect([numbers(ys), numbers(c)]).toEqual([[1, 22, 93], 61])
  })

  it('may be the carry alone, a tree, for a given length', () => {
    const f = ({ a, b }: { readonly a: Tensor; readonly b: Tensor }): { readonly a: Tensor; readonly b: Tensor } => ({
      a: b,
      b: a.add(b),
    })
    const out = scan(f, { inAxes: Carry, outAxes: Carry, length: 10 })({ a: f32(0), b: f32(1) })
    expect([numbers(out.a), numbers(out.b)]).toEqual([55, 89])
  })

  it('need no carry', () => {
    expect(numbers(scan((x: Tensor) => x.mul(2), { inAxes: 0, outAxes: 0 })(row(1, 2)))).toEqual([2, 4])
  })

  it('are cut and stacked along any axis, counted from either end', () => {
    const x = arange(6).reshape([2, 3]).astype('float32')
    const seen: unknown[] = []
    const cols = scan((x: Tensor): readonly [Tensor, Tensor] => (seen.push(x.shape), [x.mul(10), x.sum()]), {
      inAxes: -1,
      outAxes: [1, 0],
    })(x)
    expect([numbers(cols[0]), numbers(cols[1]), seen[0]]).toEqual([
      [
        [0, 10, 20],
        [30, 40, 50],
      ],
      [3, 5, 7],
      [2],
    ])
    expect(numbers(scan((x: Tensor) => x, { inAxes: 1, outAxes: 0 })(x))).toEqual([
      [0, 3],
      [1, 4],
      [2, 5],
    ])
    expect(
      numbers(
        scan(({ a, b }: { a: Tensor; b: Tensor }) => a.add(b), { inAxes: [{ a: 1, b: null }], outAxes: -1 })({
          a: x,
          b: row(100, 200),
        }),
      ),
    ).toEqual([
      [100, 101, 102],
      [203, 204, 205],
    ])
  })

  it('go from the last step to the first with reverse', () => {
    const [c, ys] = scan((c: Tensor, x: Tensor): readonly [Tensor, Tensor] => [c.mul(2).add(x), c], { reverse: true })(
      f32(0),
      row(1, 2, 3),
    )
    expect([numbers(c), numbers(ys)]).toEqual([17, [8, 3, 0]])
  })

  it('may be numbers, as carry, as a shared value and as a result', () => {
    const out = scan(
      (c: Tensor | number, k: Tensor | number, x: Tensor): readonly [Tensor, number] => [x.mul(k).add(c), 5],
      { inAxes: [Carry, null, 0], outAxes: [Carry, 0] },
    )(1, 2, row(1, 2))
    expect(out.map(numbers)).toEqual([7, [5, 5]])
    expect(numbers(scan((_: Tensor, x: Tensor): readonly [Tensor | number, Tensor] => [4, x])(f32(1), row(1))[0])).toBe(
      4,
    )
  })
})

describe('a module as the carry', () => {
  it('is the same object after, with all its state carried', () => {
    const m = new Foo({ p: param(1), n: counter(), t: f32(2) })
    const { p: before } = m
    const [same, ys] = scan((m: Foo, x: Tensor): readonly [Foo, Tensor] => {
      n(m).update((k) => k.add(1))
      p(m).update((v) => v.add(x))
      m.t = (m.t as Tensor).mul(2)
      return [m, p(m).value]
    })(m, row(1, 10, 100))
    expect([same, m.p]).toEqual([m, before])
    expect(same).toBe(m)
    expect([numbers(m.p), numbers(m.n), numbers(m.t), numbers(ys)]).toEqual([112, 3, 16, [2, 12, 112]])
  })

  it('or within a tree of the carry, or a Variable', () => {
    const [m, v] = [new Foo({ p: param(1) }), param(0)]
    const [[same, x, w]] = scan(
      ([m, x, v]: readonly [Foo, Tensor, Param], d: Tensor): readonly [readonly [Foo, Tensor, Param], null] => {
        p(m).update((a) => a.add(x))
        v.update((a) => a.add(1))
        return [[m, x.add(d), v], null]
      },
    )([m, f32(0), v], row(1, 2, 3))
    expect(same).toBe(m)
    expect(w).toBe(v)
    expect([numbers(m.p), numbers(x), numbers(v)]).toEqual([5, 6, 3])
  })

  it('carries Variables that hold trees, each part for itself', () => {
    const m = new Foo({ v: new Count({ a: f32(1), b: f32(10), tag: 'x' } as never) })
    const value = (m: Foo): { a: Tensor; b: Tensor; tag: string } => (m.v as Variable<never>).value
    const run = (axes: ScanOptions['inAxes']): unknown => {
      const twin = clone(m)
      const step = (m: Foo): void =>
        void (m.v as Variable<unknown>).update(() => ({ a: value(m).b, b: value(m).a.add(value(m).b), tag: 'x' }))
      if (axes === Carry) scan((m: Foo) => (step(m), m), { inAxes: Carry, outAxes: Carry, length: 3 })(twin)
      else scan((m: Foo) => step(m), { inAxes: [axes as StateAxes], outAxes: 0, length: 3 })(twin)
      const { a, b, tag } = value(twin)
      return [numbers(a), numbers(b), tag]
    }
    expect([run(Carry), run(new StateAxes([[rest, Carry]])), run(new StateAxes([[rest, null]]))]).toEqual([
      [21, 32, 'x'],
      [21, 32, 'x'],
      [21, 32, 'x'],
    ])
  })

  it('must be returned itself', () => {
    const other = (m: Foo): readonly [Foo, null] => [new Foo({ p: new Param(p(m).value) }), null]
    const head = /^GraphError: scan\(.*\): Carry references must be the same between iterations\. Got another object/
    expect(
      thrown(() => scan(other, { length: 2, inAxes: [Carry], outAxes: [Carry, 0] })(new Foo({ p: param(1) }))),
    ).toMatch(head)
    const nested = ({ m }: { m: Foo }): { m: Foo } => ({ m: other(m)[0] })
    expect(
      thrown(() => scan(nested, { length: 2, inAxes: Carry, outAxes: Carry })({ m: new Foo({ p: param(1) }) })),
    ).toMatch(/Got another object at carry\['m'\]; return the object that came in$/)
    expect(
      thrown(() => scan((v: Param) => v.value as unknown, { length: 2, inAxes: Carry, outAxes: Carry })(param(1))),
    ).toMatch(head)
  })

  it('must keep its structure', () => {
    const run = (edit: (m: Foo) => void): string => {
      const m = new Foo({ a: param(1), b: param(2), k: 0 })
      const said = thrown(() => scan((m: Foo) => (edit(m), m), { inAxes: Carry, outAxes: Carry, length: 2 })(m))
      expect([numbers(m.a), numbers(m.b), m.k]).toEqual([1, 2, 0])
      return said
    }
    const head =
      'GraphError: scan(anonymous): the carry must keep its structure from step to step (attributes, static values, classes, sharing), but it changed:\n'
    const remedy = '\nChange it before the loop or after it'
    expect(run((m) => (m.extra = param(1)))).toBe(`${head}  extra: nothing before, Param, new after${remedy}`)
    expect(run((m) => (m.k = 1))).toBe(`${head}  k: 0 before, 1 after${remedy}`)
    expect(run((m) => delete m.a)).toBe(`${head}  a: Param before, nothing after${remedy}`)
    expect(run((m) => ([m.a, m.b] = [m.b, m.a]))).toBe(
      `${head}  a: Param before, another Param after\n  b: Param before, another Param after${remedy}`,
    )
  })

  it('must keep its types', () => {
    const m = new Foo({ p: param(1) })
    expect(
      thrown(() => scan((m: Foo) => ((p(m).value = zeros([2])), m), { inAxes: Carry, outAxes: Carry, length: 2 })(m)),
    ).toBe("ShapeError: scan: the carry must keep its types, got float32(2,) for float32() at '0/p'")
    expect(
      thrown(() => scan((c: Tensor): unknown => [c, c], { inAxes: Carry, outAxes: Carry, length: 2 })(f32(1))),
    ).toMatch(/^GraphError: .*the returned carry must have the structure of the carry argument/)
    expect(
      thrown(() =>
        scan((c: { x: Tensor; done: boolean }) => ({ ...c, done: true }), { inAxes: Carry, outAxes: Carry, length: 2 })(
          { x: f32(1), done: false },
        ),
      ),
    ).toMatch(/no tensor must stay, got true for false at carry\['done'\]; use a tensor$/)
  })
})

describe('a module that is scanned over', () => {
  const layers = (): Foo => new Foo({ p: new Param(row(1, 2, 3)), n: new Count(zeros([3], { dtype: 'int32' })) })
  const step = (m: Foo, x: Tensor): Tensor => {
    n(m).update((k) => k.add(1))
    p(m).update((v) => v.mul(10))
    return x.add(p(m))
  }

  it('gives every step its slice, and is updated slice by slice', () => {
    const m = layers()
    expect(numbers(scan(step, { inAxes: [0, Carry], outAxes: Carry })(m, f32(0)))).toBe(60)
    expect([numbers(m.p), numbers(m.n)]).toEqual([
      [10, 20, 30],
      [1, 1, 1],
    ])
    expect(numbers(scan(step, { inAxes: [0, Carry], outAxes: Carry, reverse: true })(m, f32(0)))).toBe(600)
    expect(numbers(m.p)).toEqual([100, 200, 300])
  })

  it('keeps its leaves on the axes they came with', () => {
    for (const axis of [1, -1]) {
      const m = new Foo({ p: new Param(arange(6).reshape([2, 3]).astype('float32')) })
      const f = (m: Foo, c: Tensor): readonly [Tensor, Tensor] => {
        p(m).update((v) => v.mul(10))
        return [c.add(p(m).sum()), p(m).value]
      }
      const [c, ys] = scan(f, { inAxes: [new StateAxes([[rest, axis]]), Carry], outAxes: [Carry, -1] })(m, f32(0))
      expect([numbers(c), numbers(ys), numbers(m.p)]).toEqual([
        150,
        [
          [0, 10, 20],
          [30, 40, 50],
        ],
        [
          [0, 10, 20],
          [30, 40, 50],
        ],
      ])
    }
  })

  it('keeps what a step adds, stacked in front', () => {
    const m = new Foo({ p: new Param(arange(6).reshape([2, 3]).astype('float32')) })
    scan(
      (m: Foo, i: Tensor) => {
        m.extra = new Param(p(m).value.mul(i))
        m.bare = i
        m.seen = 'yes'
      },
      { inAxes: [1, 0], outAxes: 0 },
    )(m, row(0, 1, 2))
    expect([numbers(m.extra), numbers(m.bare), m.seen]).toEqual([
      [
        [0, 0],
        [1, 4],
        [4, 10],
      ],
      [0, 1, 2],
      'yes',
    ])
    expect(p(m).shape).toEqual([2, 3])
  })

  it('may have parts that are carried and parts that are shared', () => {
    const m = new Foo({ p: new Param(row(1, 2, 3)), n: counter(), shared: param(10), bare: f32(1) })
    const axes = new StateAxes([
      [Param, 0],
      [Count, Carry],
      [PathContains('bare'), Carry],
      [rest, null],
    ])
    const shared = new StateAxes([[PathContains('shared'), null], ...axes.entries])
    const ys = scan(
      (m: Foo) => {
        n(m).update((k) => k.add(1))
        m.bare = (m.bare as Tensor).mul(p(m).value)
        return p(m).mul(m.shared as Param)
      },
      { inAxes: [shared], outAxes: 0 },
    )(m)
    expect([numbers(ys), numbers(m.n), numbers(m.bare), numbers(m.shared)]).toEqual([[10, 20, 30], 3, 6, 10])
  })

  it('may be made by the steps', () => {
    const m = scan((key: Tensor) => new Linear(2, 3, { rngs: new Rngs(key) }), { inAxes: 0, outAxes: 0 })(
      random.split(random.key(0), 4),
    )
    expect(m).toBeInstanceOf(Linear)
    expect(numbers(m.w)).toEqual(
      numbers(vmap((key: Tensor) => new Linear(2, 3, { rngs: new Rngs(key) }))(random.split(random.key(0), 4)).w),
    )
  })
})

describe('a module with axis null', () => {
  it('carries what steps write: nothing is dropped', () => {
    const m = new Foo({ p: param(2), n: counter(), t: f32(0) })
    const ys = scan(
      (m: Foo, x: Tensor) => {
        n(m).update((k) => k.add(1))
        m.t = (m.t as Tensor).add(x)
        return p(m).mul(x)
      },
      { inAxes: [null, 0], outAxes: 0 },
    )(m, row(1, 2, 3))
    expect([numbers(ys), numbers(m.n), numbers(m.t), numbers(m.p)]).toEqual([[2, 4, 6], 3, 6, 2])
  })

  it('draws another random key at every step, and at the next call', () => {
    const rngs = new Rngs(0)
    const draw = scan((rngs: Rngs, _: Tensor) => rngs.uniform([]), { inAxes: [null, 0], outAxes: 0 })
    const plain = new Rngs(0)
    const want = Array.from({ length: 6 }, () => numbers(plain.uniform([])))
    expect([
      ...(numbers(draw(rngs, zeros([3]))) as number[]),
      ...(numbers(draw(rngs, zeros([3]))) as number[]),
    ]).toEqual(want)
    expect(numbers(rngs.stream().count)).toBe(6)
  })

  it('cannot get new state, or have parts exchanged', () => {
    const run = (edit: (m: Foo) => void): string =>
      thrown(() =>
        scan((m: Foo, x: Tensor) => (edit(m), x), { inAxes: [null, 0], outAxes: 0 })(
          new Foo({ a: param(1), b: param(2) }),
          row(1, 2),
        ),
      )
    expect(run((m) => (m.extra = param(3)))).toBe(
      "GraphError: scan(anonymous): Cannot broadcast output state. 'extra' is new in argument 0, which has axis null; add it before the loop, or return its value",
    )
    expect(run((m) => ([m.a, m.b] = [m.b, m.a]))).toMatch(/^GraphError: .*moved there from .*exchange values instead$/)
  })
})

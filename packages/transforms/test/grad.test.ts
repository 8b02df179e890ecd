import { array, ones, type Tensor, type TensorLike, tree, zeros } from '@linum/tensor'
import { Not, PathContains } from '@linum/filters'
import {
  BatchStat,
  flatState,
  isState,
  List,
  LoRAParam,
  Param,
  type PureDict,
  Rngs,
  toPureDict,
  update,
  type Variable,
  VariableState,
} from '@linum/graph'
import { DiffState, grad, jit, traceCount, valueAndGrad } from '@linum/transforms'
import { describe, expect, it } from 'vitest'
import { Count, counter, Foo, Linear, Net, numbers, param, thrown } from './models.js'

const plain = (s: unknown): unknown => {
  const walk = (x: unknown): unknown =>
    typeof x === 'object' && x !== null && 'asTensor' in x
      ? numbers(x)
      : typeof x === 'object' && x !== null
        ? Object.fromEntries(Object.entries(x).map(([k, v]) => [k, walk(v)]))
        : x
  return walk(toPureDict(s as never) as PureDict)
}
const f32 = (x: number): Tensor => array(x).astype('float32')

describe('with respect to a Module', () => {
  it('gives a State of its Params, nested as it is', () => {
    const m = new Foo({
      layer: new Linear(2, 1),
      stat: new BatchStat(ones([1])),
      count: counter(),
      rate: 2,
      t: ones([1]),
    })
    const grads = grad((m: Foo, x: Tensor) =>
      (m.layer as Linear)
        .forward(x)
        .mul(m.stat as BatchStat)
        .mul(m.rate as number)
        .sum(),
    )(m, array([[3, 4]]))
    expect(isState(grads)).toBe(true)
    expect(plain(grads)).toEqual({ layer: { b: [2], w: [[6], [8]] } })
    const w = (grads as unknown as { layer: { w: VariableState } }).layer.w
    expect(w).toBeInstanceOf(VariableState)
    expect(w.type).toBe(Param)
  })

  it('gives the value beside the gradient', () => {
    const m = new Linear(1, 1)
    const [value, grads] = valueAndGrad((m: Linear) => m.w.square().sum())(m)
    expect([value.item(), plain(grads)]).toEqual([1, { b: [0], w: [[2]] }])
  })

  it('keeps metadata and subclasses of Param', () => {
    const m = new Foo({ a: new LoRAParam(f32(2), { sharding: 'x' }) })
    const [[, a]] = flatState(grad((m: Foo) => (m.a as Param).square())(m) as never) as unknown as readonly [
      readonly [unknown, VariableState],
    ]
    expect([a.type, a.metadata, numbers(a)]).toEqual([LoRAParam, { sharding: 'x' }, 4])
  })

  it('gives what a step down the slope needs', () => {
    const m = new Linear(2, 1)
    const [x, y] = [
      array([
        [1, 2],
        [3, 4],
      ]),
      array([[0], [1]]),
    ]
    const loss = (m: Linear): Tensor => m.forward(x).sub(y).square().mean()
    const values: number[] = []
    for (let i = 0; i < 20; i++) {
      const [value, grads] = valueAndGrad(loss)(m)
      values.push(Number(value.item()))
      update(
        m,
        tree.map(
          (p: Tensor, g: Tensor) => p.sub(g.mul(0.02)),
          { w: m.w.value, b: m.b.value },
          { w: grads.w.value, b: grads.b.value },
        ),
      )
    }
    values.slice(1).forEach((v, i) => expect(v).toBeLessThan(values[i]!))
  })

  it('a Module without Params gives an empty State', () => {
    expect(plain(grad((m: Foo) => (m.s as BatchStat).square())(new Foo({ s: new BatchStat(f32(1)) })))).toEqual({})
  })
})

describe('what is differentiated', () => {
  const make = (): Foo => new Foo({ p: param(2), s: new BatchStat(f32(3)), l: new LoRAParam(f32(5)), n: counter() })
  const f = (m: Foo): Tensor => (m.p as Param).mul(m.s as BatchStat).mul(m.l as LoRAParam)

  it('a class given as wrt', () => {
    expect(plain(grad(f)(make()))).toEqual({ p: 15, l: 6 })
    expect(plain(grad(f, { wrt: BatchStat })(make()))).toEqual({ s: 10 })
    expect(plain(grad(f, { wrt: LoRAParam })(make()))).toEqual({ l: 6 })
  })

  it('a filter given by DiffState', () => {
    const by = (filter: ConstructorParameters<typeof DiffState>[1]): unknown =>
      plain(grad(f, { argnums: new DiffState(0, filter) })(make()))
    expect(by(BatchStat)).toEqual({ s: 10 })
    expect(by([BatchStat, LoRAParam])).toEqual({ s: 10, l: 6 })
    expect(by(PathContains('p'))).toEqual({ p: 15 })
    expect(by((path) => path[0] === 'l')).toEqual({ l: 6 })
    expect(by(Not(Count))).toEqual({ p: 15, s: 10, l: 6 })
    expect(by(false)).toEqual({})
  })

  it('other arguments by position, several as an array', () => {
    const g = (m: Linear, x: Tensor, scale: TensorLike): Tensor => m.forward(x).mul(scale).sum()
    const args = (): [Linear, Tensor, number] => [new Linear(2, 1), array([[3, 4]]), 2]
    expect(grad(g, { argnums: 1 })(...args()).toArray()).toEqual([[2, 2]])
    const [ds, dm] = grad(g, { argnums: [2, 0] })(...args())
    expect([ds.item(), plain(dm)]).toEqual([7, { b: [2], w: [[6], [8]] }])
    const [only] = grad(g, { argnums: [0] })(...args())
    expect(plain(only)).toEqual({ b: [2], w: [[6], [8]] })
    const [dx, mixed] = grad(g, { argnums: [1, new DiffState(0, PathContains('w'))] })(...args())
    expect([dx.toArray(), plain(mixed)]).toEqual([[[2, 2]], { w: [[6], [8]] }])
  })

  it('a lone Variable, whose gradient is its snapshot', () => {
    const p = new Param(f32(3), { tag: 'x' })
    const g = grad((p: Param) => p.square())(p)
    expect(g).toBeInstanceOf(VariableState)
    expect([g.type, g.metadata, numbers(g)]).toEqual([Param, { tag: 'x' }, 6])
    expect(plain(grad((s: BatchStat) => s.square())(new BatchStat(f32(3))))).toEqual({})
    expect(numbers(grad((s: BatchStat) => s.square(), { wrt: BatchStat })(new BatchStat(f32(3))))).toBe(6)
  })

  it('trees: every tensor and number in containers, Params in Modules', () => {
    const tree = {
      layers: [new Linear(1, 1), param(2)] as const,
      t: array([3]),
      n: 4 as TensorLike,
      stat: new BatchStat(f32(5)),
      map: new Map([['k', array([6])]]),
      name: 'kept',
      none: null,
    }
    const loss = ({ layers: [a, b], t, n, stat, map }: typeof tree): Tensor =>
      a.w.sum().mul(b).mul(t.sum()).mul(n).mul(stat).mul(map.get('k')!.sum())
    const g = grad(loss)(tree)
    expect(plain(g.layers[0])).toEqual({ b: [0], w: [[720]] })
    expect(numbers(g.layers[1])).toBe(360)
    expect([numbers(g.t), numbers(g.n), plain(g.stat), numbers(g.map.get('k'))]).toEqual([[240], 180, {}, [120]])
    expect([g.name, g.none]).toEqual(['kept', null])
  })

  it('a List among the arguments is a graph node', () => {
    const list = new List<unknown>([param(2), new BatchStat(f32(3)), 4])
    const g = grad((l: List<unknown>) => (l[0] as Param).mul(l[1] as BatchStat).mul(l[2] as number))(list)
    expect(plain(g)).toEqual({ 0: 12 })
  })

  it('arguments that are not differentiated arrive as they are', () => {
    const m = param(2)
    const seen: unknown[] = []
    grad((p: Param, n: number, name: string, flag: boolean) => {
      seen.push(n, name, flag)
      return p.mul(n)
    })(m, 3, 'a', true)
    expect(seen).toEqual([3, 'a', true])
  })
})

describe('sharing', () => {
  it('a shared Variable has one entry with the sum', () => {
    const [a, b] = [param(1), param(2)]
    const m = new Foo({ list: [a, b], b: a })
    const sum = (m: Foo): Tensor => {
      const [x, y] = m.list as [Param, Param]
      return x.add(y).add(m.b as Param)
    }
    expect(plain(grad(sum)(m))).toEqual({ b: 2, list: { 1: 1 } })
  })

  it('a second argument that is the first gets an empty State, and the first the sum', () => {
    const v = param(3)
    const f = (a: Variable, b: Variable): Tensor => a.mul(2).add(b.square())
    const [first, second] = grad(f, { argnums: [0, 1], wrt: Param })(v, v)
    expect(numbers(first)).toBe(8)
    expect(isState(second) && flatState(second as never).length).toBe(0)
    const m = new Foo({ p: v })
    const [one, two] = grad((a: Foo, b: Foo) => f(a.p as Param, b.p as Param), { argnums: [0, 1] })(m, m)
    expect([plain(one), plain(two)]).toEqual([{ p: 8 }, {}])
  })

  it('an alias that is not differentiated still counts', () => {
    const v = param(3)
    expect(numbers(grad((a: Param, b: Param) => a.mul(2).add(b.square()))(v, v))).toBe(8)
  })
})

describe('everything else happens as in a plain call', () => {
  it('updates of statistics, counts and keys', () => {
    const [net, twin] = [new Net({ rngs: new Rngs(0) }), new Net({ rngs: new Rngs(0) })]
    grad((net: Net, x: Tensor) => net.forward(x).sum())(net, ones([2, 3]))
    twin.forward(ones([2, 3]))
    expect([numbers(net.calls), numbers(net.rngs.stream().count)]).toEqual([1, 3])
    expect(numbers(net.mean)).toEqual(numbers(twin.mean))
  })

  it('updates of Params themselves, after they were used', () => {
    const m = new Foo({ p: param(3) })
    const g = grad((m: Foo) => {
      const p = m.p as Param
      const out = p.square()
      p.value = p.value.mul(10)
      return out.add(p)
    })(m)
    expect([plain(g), numbers(m.p)]).toEqual([{ p: 16 }, 30])
  })

  it('static attributes, new attributes, new and deleted parts', () => {
    const old = param(1)
    const m = new Foo({ p: param(2), old, mode: 'a' })
    grad((m: Foo) => {
      m.mode = 'b'
      m.tmp = 'hello'
      m.made = new Linear(1, 1)
      m.seen = (m.p as Param).mul(2)
      delete m.old
      return (m.p as Param).square()
    })(m)
    expect([m.mode, m.tmp, (m.made as Linear).din, numbers(m.seen), 'old' in m]).toEqual(['b', 'hello', 1, 4, false])
    ;(m.made as Linear).w.value = zeros([1, 1])
  })

  it('updates of arguments that are not differentiated', () => {
    const [m, log] = [new Linear(1, 1), new Foo({ last: new Count(f32(0)) })]
    grad((m: Linear, log: Foo) => {
      const loss = m.w.sum().mul(7)
      ;(log.last as Count).value = loss
      return loss
    })(m, log)
    expect(numbers(log.last)).toBe(7)
  })

  it('but where it throws nothing has changed', () => {
    const m = new Foo({ p: param(1), n: counter(), mode: 'a' })
    expect(() =>
      grad((m: Foo): Tensor => {
        ;(m.n as Count).update((n) => n.add(1))
        m.mode = 'b'
        throw new RangeError('no')
      })(m),
    ).toThrow(new RangeError('no'))
    expect(() =>
      grad((m: Foo): Tensor => {
        ;(m.n as Count).update((n) => n.add(1))
        return (m.p as Param).mul(ones([2]))
      })(m),
    ).toThrow(/scalar-output/)
    expect([numbers(m.n), m.mode]).toEqual([0, 'a'])
  })
})

describe('aux', () => {
  it('may be trees, arguments and new Modules', () => {
    const m = new Linear(1, 1)
    const f = (m: Linear) => {
      const made = new Foo({ w: m.w, fresh: param(5) })
      return [m.w.square().sum(), { made, m, double: m.w.mul(2), n: 3, text: 'a' }] as const
    }
    const [grads, aux] = grad(f, { hasAux: true })(m)
    expect(plain(grads)).toEqual({ b: [0], w: [[2]] })
    expect([aux.m === m, aux.made.w === m.w, numbers(aux.made.fresh), numbers(aux.double), aux.n, aux.text]).toEqual([
      true,
      true,
      5,
      [[2]],
      3,
      'a',
    ])
    const [[value, again], g] = valueAndGrad(f, { hasAux: true })(m)
    expect([value.item(), again.m === m, plain(g)]).toEqual([1, true, { b: [0], w: [[2]] }])
    ;(aux.made.fresh as Param).value = f32(1)
  })

  it('a loss that is a number has gradient zero, and is a tensor outside', () => {
    const [value, grads] = valueAndGrad((_: Linear) => 3)(new Linear(1, 1))
    expect([value.item(), plain(grads)]).toEqual([3, { b: [0], w: [[0]] }])
  })
})

describe('compiled', () => {
  it('a training step gives the same numbers as plain calls, and is traced once', () => {
    const make = (): Net => new Net({ rngs: new Rngs(1) })
    const step = (net: Net, x: Tensor, y: Tensor): Tensor => {
      const loss = (net: Net): Tensor => net.forward(x).sub(y).square().mean()
      const [value, grads] = valueAndGrad(loss)(net)
      net.first.w.update((w) => w.sub(grads.first.w.mul(0.1)))
      net.second.w.update((w) => w.sub(grads.second.w.mul(0.1)))
      return value
    }
    const [plainNet, jitNet] = [make(), make()]
    const jitted = jit(step)
    const losses = Array.from({ length: 5 }, (_, i) => {
      const [x, y] = [ones([2, 3]).mul(i), ones([2, 2])]
      const [a, b] = [step(plainNet, x, y), jitted(jitNet, x, y)]
      return [Number(a.item()), Number(b.item())] as const
    })
    losses.forEach(([a, b]) => expect(b).toBe(a))
    expect(numbers(jitNet.first.w)).toEqual(numbers(plainNet.first.w))
    expect(traceCount(jitted)).toBe(1)
  })

  it('gradients leave a jitted function as a State', () => {
    const f = jit(grad((m: Linear, x: Tensor) => m.forward(x).square().sum()))
    const m = new Linear(2, 1)
    for (let i = 1; i < 3; i++) {
      const g = f(m, ones([1, 2]).mul(i))
      expect(isState(g)).toBe(true)
      expect(plain(g)).toEqual({ b: [4 * i], w: [[4 * i * i], [4 * i * i]] })
      expect(g.w.type).toBe(Param)
    }
    expect(traceCount(f)).toBe(1)
  })
})

describe('errors', () => {
  const m = (): Foo => new Foo({ layer: new Foo({ p: param(1) }) })
  const loss = (m: Foo): Tensor => ((m.layer as Foo).p as Param).square()

  it('argnums that are repeated or out of range', () => {
    const g = (a: Foo, b: Foo): Tensor => loss(a).mul(loss(b))
    expect(thrown(() => grad(g, { argnums: [0, 0] })(m(), m()))).toBe(
      'RangeError: grad: argnum 0 is repeated in argnums',
    )
    expect(thrown(() => valueAndGrad(g, { argnums: [0, new DiffState(0, BatchStat)] })(m(), m()))).toBe(
      'RangeError: valueAndGrad: argnum 0 is repeated in argnums',
    )
    expect(thrown(() => grad(g, { argnums: 2 as 1 })(m(), m()))).toBe(
      'RangeError: grad: argnums must name arguments, got 2 for a call with 2 arguments',
    )
    expect(thrown(() => grad(loss, { argnums: new DiffState(-1, Param) })(m()))).toBe(
      'RangeError: grad: argnums must name arguments, got -1 for a call with 1 argument',
    )
  })

  it('integers that are asked for, with their place', () => {
    const counts = new Foo({ layer: new Foo({ p: param(1), n: counter() }) })
    const words = 'requires real-valued inputs (input dtype that is a sub-dtype of float), but got int32 for argument 0'
    expect(thrown(() => grad(loss, { wrt: Count })(counts))).toBe(
      `DtypeError: grad: ${words} at layer/n; leave it out with { wrt } or DiffState`,
    )
    expect(thrown(() => valueAndGrad((n: Tensor) => n.sum())(array([1], { dtype: 'int32' })))).toBe(
      `DtypeError: valueAndGrad: ${words}; leave it out with { wrt } or DiffState`,
    )
  })

  it('values that are no tensors, with their place', () => {
    const odd = new Foo({ layer: new Foo({ p: new Param('text' as never) }) })
    expect(thrown(() => grad(loss)(odd))).toBe(
      'TypeError: grad: the value at layer/p of argument 0 is no tensor and has no derivative; leave it out with { wrt } or DiffState',
    )
  })

  it('results that are no scalar, no real number or no pair', () => {
    expect(thrown(() => grad((m: Foo) => loss(m).mul(ones([2])))(m()))).toBe(
      'ShapeError: grad: Gradient only defined for scalar-output functions. Output had shape: (2,).',
    )
    expect(thrown(() => valueAndGrad((m: Foo) => loss(m).greater(0))(m()))).toBe(
      'DtypeError: valueAndGrad: requires real-valued outputs (output dtype that is a sub-dtype of float), but got bool',
    )
    expect(thrown(() => grad((() => 'text') as never)(m() as never))).toBe(
      'TypeError: grad: the function must return a scalar tensor; with auxiliary results return [loss, aux] and give { hasAux: true }',
    )
    expect(thrown(() => grad((m: Foo) => loss(m) as never, { hasAux: true })(m()))).toBe(
      'TypeError: grad: with hasAux the function must return [loss, aux], got object',
    )
    expect(thrown(() => valueAndGrad((m: Foo) => [loss(m)] as never, { hasAux: true })(m()))).toBe(
      'TypeError: valueAndGrad: with hasAux the function must return [loss, aux], got an array of 1',
    )
  })
})

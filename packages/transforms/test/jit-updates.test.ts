import { array, ones, type Tensor, zeros } from '@linum/tensor'
import { BatchStat, Dict, List, Param, Rngs, state, type Variable } from '@linum/graph'
import { jit, traceCount } from '@linum/transforms'
import { describe, expect, it } from 'vitest'
import { Count, counter, Foo, Linear, Net, numbers, param, StatefulLinear } from './models.js'

describe('values', () => {
  it('written inside appear in the same Variables outside', () => {
    const m = new StatefulLinear(2, 3)
    const { w, count } = m
    const f = jit((m: StatefulLinear, x: Tensor) => m.forward(x))
    expect(f(m, ones([1, 2])).toArray()).toEqual([[2, 2, 2]])
    expect(f(m, ones([1, 2])).toArray()).toEqual([[2, 2, 2]])
    expect(m.count).toBe(count)
    expect(numbers(count)).toBe(2)
    expect(m.w).toBe(w)
    expect(traceCount(f)).toBe(1)
  })

  it('keep their dtype and strength, so that a second call does not retrace', () => {
    const m = new Foo({ c: counter(), p: param(1) })
    const f = jit((m: Foo) => {
      ;(m.c as Count).value = array(5)
      ;(m.p as Param).update((p) => p.add(1))
    })
    f(m)
    expect([(m.c as Count).dtype, (m.c as Count).weak, (m.p as Param).weak]).toEqual(['float32', false, false])
    f(m)
    f(m)
    expect(traceCount(f)).toBe(2)
    expect(numbers(m.p)).toBe(4)
  })

  it('handed from one Variable to another are carried', () => {
    const m = new Foo({ a: param(1), b: param(2), c: param(3) })
    const f = jit((m: Foo) => {
      const [a, b, c] = [m.a, m.b, m.c] as [Param, Param, Param]
      const { value } = a
      a.value = b.value
      b.value = c.value
      c.value = value
    })
    f(m)
    expect([m.a, m.b, m.c].map(numbers)).toEqual([2, 3, 1])
    f(m)
    expect([m.a, m.b, m.c].map(numbers)).toEqual([3, 1, 2])
    expect(traceCount(f)).toBe(1)
  })

  it('of several kinds and depths are all carried', () => {
    const net = new Net({ rngs: new Rngs(0) })
    const before = state(net)
    jit((net: Net, x: Tensor) => net.forward(x))(net, ones([2, 3]))
    expect(numbers(net.calls)).toBe(1)
    expect(numbers(net.mean)).not.toEqual([0, 0, 0, 0])
    expect(numbers(net.rngs.stream('noise').count)).toBe(3)
    expect(numbers(net.first.w)).toEqual(numbers(before.first.w))
  })

  it('of bare tensors are carried', () => {
    const m = new Foo({ t: ones([2]), list: [zeros([1])] })
    const f = jit((m: Foo) => {
      m.t = (m.t as Tensor).add(1)
      ;(m.list as Tensor[])[0] = (m.list as Tensor[])[0]!.add(1)
    })
    f(m)
    f(m)
    expect(numbers(m.t)).toEqual([3, 3])
    expect(numbers((m.list as Tensor[])[0])).toEqual([2])
    expect(traceCount(f)).toBe(1)
  })

  it('of containers inside a Variable are carried', () => {
    const m = new Foo({ v: new Count({ a: array([1]), n: 'kept', list: [array([2])] } as never) })
    const f = jit((m: Foo) => {
      const v = m.v as Variable<{ a: Tensor; n: string; list: Tensor[] }>
      v.update(({ a, n, list }) => ({ a: a.add(1), n, list: [list[0]!.mul(2)] }))
    })
    f(m)
    f(m)
    const { a, n, list } = (m.v as Variable<{ a: Tensor; n: string; list: Tensor[] }>).value
    expect([numbers(a), n, numbers(list[0])]).toEqual([[3], 'kept', [8]])
    expect(traceCount(f)).toBe(1)
  })

  it('pass the hooks of a Variable by, as in a plain call', () => {
    const seen: string[] = []
    const hooks = {
      onGetValue: (_: unknown, x: Tensor) => x.mul(3),
      onSetValue: (_: unknown, x: Tensor) => {
        seen.push('set')
        return x.add(1)
      },
    }
    const make = (): Foo => new Foo({ p: new Param(array([2]), hooks as never) })
    const f = (m: Foo): Tensor => {
      const p = m.p as Param
      const { value } = p
      p.value = value
      return p.value
    }
    const [plain, jitted] = [make(), make()]
    const want = f(plain).toArray()
    expect(jit(f)(jitted).toArray()).toEqual(want)
    expect((jitted.p as Param).raw.toArray()).toEqual((plain.p as Param).raw.toArray())
    expect(seen).toEqual(['set', 'set'])
  })
})

describe('edits of the graph', () => {
  it('added attributes and Modules appear, and are whole', () => {
    const m = new Foo()
    jit((m: Foo) => {
      m.layer = new Linear(2, 2)
      m.name = 'new'
      m.many = [new Linear(1, 1), { deep: param(3) }]
      m.t = ones([2])
    })(m)
    expect(m.layer).toBeInstanceOf(Linear)
    expect([(m.layer as Linear).din, m.name]).toEqual([2, 'new'])
    expect((m.layer as Linear).forward(ones([1, 2])).toArray()).toEqual([[2, 2]])
    ;(m.layer as Linear).w.value = zeros([2, 2])
    expect(numbers((m.many as [Linear, { deep: Param }])[1].deep)).toBe(3)
    expect(numbers(m.t)).toEqual([1, 1])
  })

  it('deleted attributes are gone, and a deleted Variable keeps its value', () => {
    const gone = param(3)
    const m = new Foo({ a: param(1), gone })
    jit((m: Foo) => {
      ;(m.gone as Param).value = array(99)
      delete m.gone
    })(m)
    expect(Object.keys(m)).toEqual(['a'])
    expect(numbers(gone)).toBe(3)
  })

  it('swapped attributes are the same objects swapped', () => {
    const [a, b] = [new Linear(1, 1), new Linear(2, 2)]
    const m = new Foo({ a, b })
    const f = jit((m: Foo) => {
      ;[m.a, m.b] = [m.b, m.a]
      ;(m.a as Linear).b.update((v) => v.add(1))
    })
    f(m)
    expect([m.a, m.b]).toEqual([b, a])
    expect(m.a).toBe(b)
    expect(numbers(b.b)).toEqual([1, 1])
    f(m)
    expect(m.a).toBe(a)
    expect(numbers(a.b)).toEqual([1])
  })

  it('a replaced part is new, and the old one is as it was', () => {
    const old = new Linear(2, 2)
    const m = new Foo({ layer: old })
    jit((m: Foo) => {
      const { w } = m.layer as Linear
      const layer = new Linear(2, 2)
      layer.w.value = w.value.mul(2)
      w.value = zeros([2, 2])
      m.layer = layer
    })(m)
    expect(m.layer).not.toBe(old)
    expect(numbers((m.layer as Linear).w)).toEqual([
      [2, 2],
      [2, 2],
    ])
    expect(numbers(old.w)).toEqual([
      [1, 1],
      [1, 1],
    ])
  })

  it('a Variable moved to another place stays the same Variable', () => {
    const p = param(2)
    const m = new Foo({ from: new Foo({ p }), to: new Foo() })
    jit((m: Foo) => {
      const [from, to] = [m.from as Foo, m.to as Foo]
      to.p = from.p
      delete from.p
      ;(to.p as Param).update((v) => v.mul(5))
    })(m)
    expect((m.to as Foo).p).toBe(p)
    expect('p' in (m.from as Foo)).toBe(false)
    expect(numbers(p)).toBe(10)
  })

  it('self references and cycles', () => {
    const m = new Foo({ p: param(1) })
    const f = jit((m: Foo) => {
      m.me = m
      ;((m.me as Foo).p as Param).update((v) => v.add(1))
    })
    f(m)
    expect(m.me).toBe(m)
    expect(numbers(m.p)).toBe(2)
    f(m)
    expect(m.me).toBe(m)
    expect(numbers(m.p)).toBe(3)
    expect(traceCount(f)).toBe(2)
    f(m)
    expect(traceCount(f)).toBe(2)
  })

  it('static attributes and metadata', () => {
    const m = new Foo({ rate: 0.5, mode: 'train', p: param(1) })
    jit((m: Foo) => {
      m.rate = 0.25
      m.mode = m.mode === 'train' ? 'eval' : 'train'
      ;(m.p as Param).setMetadata({ sharding: 'x' })
    })(m)
    expect([m.rate, m.mode]).toEqual([0.25, 'eval'])
    expect((m.p as Param).metadata).toEqual({ sharding: 'x' })
  })

  it('metadata alone', () => {
    const p = param(1)
    jit((p: Param) => {
      p.setMetadata({ sharding: 'x' })
    })(p)
    expect(p.metadata).toEqual({ sharding: 'x' })
  })

  it('a static attribute alone', () => {
    const m = new Foo({ p: param(1), mode: 'a' })
    jit((m: Foo) => {
      m.mode = 'b'
    })(m)
    expect(m.mode).toBe('b')
  })

  it('Lists, Dicts and Rngs keep their identity', () => {
    const list = new List<unknown>([param(1), 3])
    const dict = new Dict<Record<string, unknown>>({ a: param(2) })
    const rngs = new Rngs(0)
    const m = new Foo({ list, dict, rngs })
    jit((m: Foo) => {
      ;(m.list as List<unknown>).push(param(7))
      ;(m.dict as Record<string, unknown>).b = param(8)
      ;(m.rngs as Rngs).key()
    })(m)
    expect([m.list, m.dict, m.rngs].map((x, i) => x === [list, dict, rngs][i])).toEqual([true, true, true])
    expect([list.length, numbers(list[2]), numbers(dict.b), numbers(rngs.stream().count)]).toEqual([3, 7, 8, 1])
  })

  it('a List given as an argument is the List itself, also with numbers in it', () => {
    const list = new List<unknown>([param(1), 3])
    const f = jit((l: List<unknown>) => {
      l.push(4)
      ;(l[0] as Param).update((p) => p.add(1))
      return l
    })
    expect(f(list)).toBe(list)
    expect([...list].slice(1)).toEqual([3, 4])
    expect(numbers(list[0])).toBe(2)
  })
})

describe('sharing', () => {
  it('within an argument and across arguments stays', () => {
    const l = new Linear(2, 2)
    const p = new Foo({ a: l, b: l })
    const f = jit((q: Foo, m: Linear) => {
      ;(q.b as Linear).w.update((w) => w.mul(2))
      return [q.a === m, q.a === q.b, (q.a as Linear).w === m.w] as const
    })
    expect(f(p, l)).toEqual([true, true, true])
    expect(numbers(l.w)).toEqual([
      [2, 2],
      [2, 2],
    ])
    expect(f(p, l)).toEqual([true, true, true])
    expect(numbers(l.w)).toEqual([
      [4, 4],
      [4, 4],
    ])
    expect([p.a === l, p.b === l, traceCount(f)]).toEqual([true, true, 1])
  })

  it('through containers stays, while the containers are copies', () => {
    const v = param(1)
    const shared = { v }
    const f = jit((m: Foo) => {
      const [a, b] = [m.a as { v: Param }, m.b as { v: Param }]
      a.v.update((x) => x.add(1))
      return [a === b, a.v === b.v]
    })
    expect(f(new Foo({ a: shared, b: shared }))).toEqual([false, true])
    expect(numbers(v)).toBe(2)
  })

  it('made inside stays outside', () => {
    const m = new Foo()
    jit((m: Foo) => {
      const p = param(4)
      m.a = p
      m.b = [p]
    })(m)
    expect((m.b as unknown[])[0]).toBe(m.a)
  })

  it('ended inside ends outside', () => {
    const p = param(1)
    const m = new Foo({ a: p, b: p })
    jit((m: Foo) => {
      m.b = (m.b as Param).copy()
      ;(m.a as Param).update((v) => v.add(1))
    })(m)
    expect(m.a).toBe(p)
    expect(m.b).not.toBe(p)
    expect([numbers(m.a), numbers(m.b)]).toEqual([2, 1])
  })

  it('a tensor held twice is two leaves', () => {
    const t = ones([1])
    const m = new Foo({ a: t, b: t })
    jit((m: Foo) => {
      m.a = (m.a as Tensor).add(1)
    })(m)
    expect([numbers(m.a), numbers(m.b)]).toEqual([[2], [1]])
  })
})

describe('what throws changes nothing', () => {
  it('after writes, edits and draws, the first time and later', () => {
    const p = param(1)
    const rngs = new Rngs(0)
    const m = new Foo({ p, rngs, rate: 1, layer: new Linear(1, 1), stat: new BatchStat(zeros([1])), fail: true })
    const { layer } = m
    const f = jit((m: Foo) => {
      ;(m.p as Param).value = array(2)
      ;(m.rngs as Rngs).key()
      m.rate = 2
      m.added = param(3)
      delete m.layer
      if (m.fail === true) throw new RangeError('no')
    })
    for (let i = 0; i < 2; i++) {
      expect(() => f(m)).toThrow(new RangeError('no'))
      expect([numbers(p), m.rate, m.layer === layer, 'added' in m, numbers(rngs.stream().count)]).toEqual([
        1,
        1,
        true,
        false,
        0,
      ])
    }
    m.fail = false
    f(m)
    expect([numbers(p), m.rate, 'layer' in m, 'added' in m, numbers(rngs.stream().count)]).toEqual([
      2,
      2,
      false,
      true,
      1,
    ])
  })

  it('an error of an operation inside', () => {
    const m = new Linear(2, 2)
    const f = jit((m: Linear, x: Tensor) => {
      m.b.value = ones([2])
      return m.forward(x)
    })
    expect(() => f(m, ones([1, 3]))).toThrow(/matmul/)
    expect(numbers(m.b)).toEqual([0, 0])
    expect(f(m, ones([1, 2])).toArray()).toEqual([[3, 3]])
  })
})

import { array, ones, type Tensor, tree, zeros } from '@linum/tensor'
import { Param, state } from '@linum/graph'
import { jit, traceCount } from '@linum/transforms'
import { describe, expect, it } from 'vitest'
import { Foo, Linear, numbers } from './models.js'

describe('results', () => {
  it('an argument returned is that very object, and so is a part of it', () => {
    const m = new Foo({ layer: new Linear(1, 1) })
    const { w } = m.layer as Linear
    expect(jit((m: Foo) => m)(m)).toBe(m)
    expect(jit((m: Foo) => m.layer)(m)).toBe(m.layer)
    expect(jit((m: Foo) => ({ out: [(m.layer as Linear).w] }))(m).out[0]).toBe(w)
    const [same, x] = jit((m: Foo, x: Tensor) => [m, x] as const)(m, ones([2]))
    expect(same).toBe(m)
    expect(x.toArray()).toEqual([1, 1])
  })

  it('a new Module may hold old and new parts', () => {
    const m = new Linear(2, 2)
    const made = jit((m: Linear) => {
      m.b.update((b) => b.add(1))
      return new Foo({ old: m, fresh: new Linear(1, 1), p: m.w })
    })(m)
    expect(made.old).toBe(m)
    expect(made.p).toBe(m.w)
    expect((made.fresh as Linear).din).toBe(1)
    expect(numbers(m.b)).toEqual([1, 1])
    ;(made.fresh as Linear).w.value = zeros([1, 1])
  })

  it('trees keep their form; what is no tensor comes back as it is', () => {
    const when = new Date(0)
    const out = jit((x: Tensor) => ({
      x: x.add(1),
      list: [1, true, 'a', null, undefined],
      when,
      map: new Map([['t', x]]),
      n: 2,
    }))(array([1]))
    expect(numbers(out.x)).toEqual([2])
    expect(out.list).toEqual([1, true, 'a', null, undefined])
    expect(out.when).toBe(when)
    expect(numbers(out.map.get('t'))).toEqual([1])
    expect(out.n).toBe(2)
    expect(jit(() => undefined)()).toBeUndefined()
    expect(jit(() => 3)()).toBe(3)
    expect(jit(() => false)()).toBe(false)
  })

  it('objects whose keys are numbers, or beyond ASCII, keep their values apart', () => {
    const f = jit((x: Tensor) => ({
      10: x,
      9: x.add(1),
      b: x.add(2),
      '': x.add(3),
      '\u{1F600}': x.add(4),
      '\uFF5E': x.add(5),
    }))
    for (let i = 0; i < 2; i++) {
      expect(tree.map((t: Tensor) => t.item(), f(array(0)))).toEqual({
        10: 0,
        9: 1,
        b: 2,
        '': 3,
        '\u{1F600}': 4,
        '\uFF5E': 5,
      })
    }
  })

  it('States pass in and out', () => {
    const m = new Linear(2, 2)
    const f = jit((s: ReturnType<typeof read>) => ({ doubled: tree.map((t: Tensor) => t.mul(2), s), w: s.w }))
    const read = (m: Linear) => state(m)
    for (let i = 0; i < 2; i++) {
      const { doubled, w } = f(read(m))
      expect(numbers((doubled as unknown as Linear).w)).toEqual([
        [2, 2],
        [2, 2],
      ])
      expect(w.type).toBe(Param)
    }
    expect(traceCount(f)).toBe(1)
  })

  it('a tensor that goes straight through is the same tensor', () => {
    const x = ones([2])
    expect(jit((x: Tensor, m: Linear) => [x, m.b.value] as const)(x, new Linear(1, 1))[0]).toBe(x)
  })
})

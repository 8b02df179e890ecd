import { array, ones, Tensor, TraceError } from '@linum/tensor'
import { withTrace } from '@linum/tensor/core'
import { describe, expect, it } from 'vitest'
import {
  BatchStat,
  LoRAParam,
  type Metadata,
  MetricState,
  OptArray,
  OptState,
  OptVariable,
  Param,
  Perturbation,
  Intermediate,
  RngCount,
  RngState,
  setMetadata,
  state,
  Variable,
  type VariableState,
} from '@linum/graph'
import { Count, Foo, numbers } from './models.js'

const trace = (level: number) => ({
  level,
  dynamic: false,
  label: 'test',
  process: (): never => {
    throw new Error('no primitive runs here')
  },
})

describe('Variable', () => {
  it('is a mutable cell: value, get, set, update and the object stays the same', () => {
    const count = new Count(array(0, { dtype: 'int32' }))
    count.value = count.value.add(1)
    count.set(count.get().add(1))
    expect(count.update((c) => c.add(1))).toBe(count)
    expect(numbers(count)).toBe(3)
    expect(count.value.dtype).toBe('int32')
  })

  it('has the methods of a tensor, on either side', () => {
    const w = new Param(
      array([
        [1, 2],
        [3, 4],
      ]),
    )
    expect(w.shape).toEqual([2, 2])
    expect(w.mul(2).toArray()).toEqual([
      [2, 4],
      [6, 8],
    ])
    expect(ones([1, 2]).matmul(w)).toBeInstanceOf(Tensor)
    expect(w.add(w)).not.toBeInstanceOf(Variable)
  })

  it('may hold numbers, which count as weak scalars, and containers', () => {
    const n = new Variable(3)
    n.value += 1
    expect(n.value).toBe(4)
    expect(n.add(1).toArray()).toBe(5)
    const c = new Variable({ a: ones([1]), list: [1, 2] })
    expect(() => c.shape).toThrow(/a value that is no tensor has no tensor operations, got object/)
    c.value.list.push(3)
    expect(c.value.list).toEqual([1, 2])
    c.value = { ...c.value, list: [5] }
    expect(c.value.list).toEqual([5])
  })

  it('stores tensors without the weak flag, in containers too', () => {
    const weak = array(2)
    expect(new Param(weak).value.weak).toBe(false)
    const p = new Param(ones([]))
    p.value = weak
    expect(p.raw.weak).toBe(false)
    expect(new Variable({ x: [weak] }).value.x[0]!.weak).toBe(false)
    p.setRaw(weak)
    expect(p.raw.weak).toBe(false)
  })

  it('refuses another Variable as a value', () => {
    const p = new Param(ones([1]))
    expect(() => {
      p.value = new Param(ones([1])) as unknown as Tensor
    }).toThrow(new TypeError('Cannot set value to a Variable, use `copyFrom` method instead'))
  })

  it('runs the hooks of its metadata on create, get and set, which raw access passes by', () => {
    const hooks: Metadata<number> = {
      onCreateValue: (_, x) => x + 100,
      onGetValue: (_, x) => x * 3,
      onSetValue: (_, x) => x + 1,
    }
    const v = new Variable(2, hooks)
    expect([v.raw, v.value]).toEqual([102, 306])
    v.value = 1
    expect([v.raw, v.value]).toEqual([2, 6])
    v.setRaw(5)
    expect([v.raw, v.value]).toEqual([5, 15])
    expect(v.copy().raw).toBe(5)
    expect((state(new Foo({ v })).v as unknown as VariableState<number>).value).toBe(5)
  })

  it('copies, replaces and copies from another of the same type', () => {
    const p = new LoRAParam(array(1), { sharding: 'x' })
    const q = p.replace(array(2), { tag: 't' })
    expect(q).toBeInstanceOf(LoRAParam)
    expect(q.metadata).toEqual({ sharding: 'x', tag: 't' })
    expect(q.tag).toBe('t')
    p.copyFrom(q)
    expect(numbers(p)).toBe(2)
    expect(p.metadata).toEqual(q.metadata)
    expect(() => p.copyFrom(new Param(array(0)))).toThrow(
      new TypeError('Cannot copy from incompatible container, expected LoRAParam, got Param'),
    )
    expect(p.copy()).not.toBe(p)
  })

  it('adds and removes metadata, which are frozen', () => {
    const p = new Param(array(1), { a: 1 })
    p.setMetadata({ b: 2 })
    p.setMetadata({ a: undefined })
    expect(p.metadata).toEqual({ b: 2 })
    expect(() => {
      ;(p.metadata as Record<string, unknown>).c = 1
    }).toThrow(TypeError)
  })

  it('knows its type, and types form the hierarchy of the reference', () => {
    expect(new Param(array(0)).type).toBe(Param)
    expect(new Perturbation(array(0))).toBeInstanceOf(Intermediate)
    expect(new RngCount(array(0))).toBeInstanceOf(RngState)
    expect(new LoRAParam(array(0))).toBeInstanceOf(Param)
    expect(new BatchStat(array(0))).not.toBeInstanceOf(Param)
    for (const C of [OptArray, OptVariable]) expect(new C(array(0))).toBeInstanceOf(OptState)
    for (const C of [MetricState, OptState, RngState, Intermediate, BatchStat])
      expect(Object.getPrototypeOf(C)).toBe(Variable)
  })

  it('can be written only by the transform in which it was created', () => {
    const outer = new Param(array(1))
    let leaked: Param | undefined
    withTrace(trace, () => {
      expect(numbers(outer)).toBe(1)
      const message =
        'Cannot mutate Param from a different trace level; pass the object that holds it to the transformed function as an argument'
      for (const write of [
        () => {
          outer.value = array(2)
        },
        () => outer.setRaw(array(2)),
        () => outer.setMetadata({ a: 1 }),
        () => outer.copyFrom(new Param(array(2))),
      ]) {
        expect(write).toThrow(new TraceError(message))
      }
      leaked = new Param(array(1))
      leaked.value = array(2)
    })
    expect(() => leaked!.update((x) => x)).toThrow(TraceError)
    outer.value = array(3)
    expect(numbers(outer)).toBe(3)
  })

  it('setMetadata reaches the Variables of a graph that match', () => {
    const m = new Foo({ p: new Param(array(0)), inner: [new BatchStat(array(0))] })
    setMetadata(m, { differentiable: false }, { only: Param })
    expect((m.p as Param).metadata).toEqual({ differentiable: false })
    expect((m.inner as [BatchStat])[0].metadata).toEqual({})
    setMetadata(m, { x: 1 })
    expect((m.inner as [BatchStat])[0].metadata).toEqual({ x: 1 })
  })
})

describe('VariableState', () => {
  it('is a snapshot that computes like a tensor', () => {
    const s = new Param(array([1, 2]), { tag: 'k' }).toState()
    expect(s.add(1).toArray()).toEqual([2, 3])
    expect([s.type, s.tag]).toEqual([Param, 'k'])
    const r = s.replace(array([3, 4]))
    expect(numbers(r)).toEqual([3, 4])
    expect([r.type, r.tag]).toEqual([Param, 'k'])
    expect(numbers(s)).toEqual([1, 2])
  })
})

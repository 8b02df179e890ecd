import { type Param } from '@linum/graph'
import { array, ones, type Tensor, zeros } from '@linum/tensor'
import { Carry, jit, lower, scan, traceCount } from '@linum/transforms'
import { describe, expect, it } from 'vitest'
import { Foo, Linear, numbers, param } from './models.js'

const stack = (): Foo => new Foo({ a: param(0), layers: undefined })

describe('a loop outside jit', () => {
  it('traces once for arguments of one structure', () => {
    const m = stack()
    let runs = 0
    const add = scan((m: Foo, x: Tensor): readonly [Foo, Tensor] => {
      runs++
      ;(m.a as Param).update((v) => v.add(x))
      return [m, (m.a as Param).mul(1)]
    })
    const results = [1, 2, 3].map((k) => add(m, ones([4]).mul(k))[1].toArray())
    expect([results[2], numbers(m.a)]).toEqual([[15, 18, 21, 24], 24])
    expect([traceCount(add), runs]).toEqual([1, 1])
    add(m, ones([2]))
    expect(traceCount(add)).toBe(2)
  })

  it('edits of the graph are the same as at the first call', () => {
    const grow = scan(
      (m: Foo, x: Tensor) => {
        m.extra = x.mul(2)
        return x
      },
      { inAxes: [0, 0], outAxes: 0 },
    )
    const make = (): Foo => new Foo({ p: new Linear(1, 1).b })
    const [one, two] = [make(), make()]
    grow(one, ones([1]))
    grow(two, array([5]))
    expect([(one.extra as Tensor).toArray(), (two.extra as Tensor).toArray(), traceCount(grow)]).toEqual([[2], [10], 1])
  })

  it('keeps nothing where the function captures a Variable or an array, which may be another one next time', () => {
    const held = param(1)
    const read = scan((c: Tensor, x: Tensor) => [c.add(held), x] as const)
    const first = read(zeros([]), ones([3]))[0].item()
    held.value = array(10)
    expect([first, read(zeros([]), ones([3]))[0].item(), traceCount(read)]).toEqual([3, 30, 2])
    let offset = array([1, 2])
    const shift = scan((c: Tensor, x: Tensor) => [c.add(offset), x] as const)
    shift(zeros([2]), ones([3]))
    offset = array([10, 20])
    expect(shift(zeros([2]), ones([3]))[0].toArray()).toEqual([30, 60])
  })

  it('inside jit is part of its program, and tells its own', () => {
    const loop = scan((c: Tensor, x: Tensor) => [c.add(x), c] as const)
    const step = jit((x: Tensor) => loop(zeros([]), x)[0])
    for (let i = 0; i < 3; i++) expect(step(ones([4])).item()).toBe(4)
    expect([traceCount(step), traceCount(loop)]).toEqual([1, 1])
    expect(lower(loop, zeros([]), ones([4])).equations.map((e) => e.primitive)).toContain('scan')
    expect(loop.name).toBe('scan(anonymous)')
    const named = scan(
      function walk(c: Tensor) {
        return c.add(1)
      },
      { inAxes: Carry, outAxes: Carry, length: 3 },
    )
    expect([named(zeros([])).item(), named.name]).toEqual([3, 'scan(walk)'])
  })
})

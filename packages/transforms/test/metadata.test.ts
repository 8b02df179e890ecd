import { psum } from '@linum/autodiff'
import { Module, Param } from '@linum/graph'
import { arange, ones, type Tensor, zeros } from '@linum/tensor'
import { Carry, grad, jit, scan, StateAxes, traceCount, transformMetadata, vmap } from '@linum/transforms'
import { rest } from '@linum/filters'
import { describe, expect, it } from 'vitest'
import { thrown } from './models.js'

type Hook = (variable: unknown, axis: number, name: string | null) => void

class Sharded extends Module {
  w: Param
  b = new Param(zeros([4]))
  constructor(hooks: { readonly onAddAxis?: Hook; readonly onRemoveAxis?: Hook } = {}) {
    super()
    this.w = new Param(ones([3, 4]), { sharding: ['in', 'out'], other: [1, 2], ...(hooks as object) })
  }
  forward(x: Tensor): Tensor {
    return x.matmul(this.w).add(this.b)
  }
}

const names = (m: Sharded): unknown => m.w.metadata['sharding']

describe('axis names in the metadata of Variables', () => {
  it('a stacked module gets the name, each entry is without it', () => {
    const make = vmap(() => new Sharded(), { axisSize: 5, outAxes: 0, transformMetadata: { partitionName: 'layers' } })
    const m = make()
    expect([m.w.shape, names(m), m.b.metadata['sharding']]).toEqual([[5, 3, 4], ['layers', 'in', 'out'], undefined])
    const seen: unknown[] = []
    const forward = scan(
      (m: Sharded, x: Tensor) => {
        seen.push(names(m))
        return m.forward(x).slice('...', '0:3')
      },
      { inAxes: [0, Carry], outAxes: Carry, transformMetadata: { partitionName: 'layers' } },
    )
    expect(forward(m, ones([2, 3])).shape).toEqual([2, 3])
    expect(seen.every((s) => JSON.stringify(s) === '["in","out"]')).toBe(true)
    expect(names(m)).toEqual(['layers', 'in', 'out'])
  })

  it('other axes, other entries, negative positions', () => {
    const make = (outAxes: number): Sharded =>
      vmap(() => new Sharded(), { axisSize: 5, outAxes, transformMetadata: { partitionName: 'l', other: 9 } })()
    expect([names(make(1)), make(1).w.metadata['other']]).toEqual([
      ['in', 'l', 'out'],
      [1, 9, 2],
    ])
    const m = make(-1)
    expect([m.w.shape, names(m), m.w.metadata['other']]).toEqual([
      [3, 4, 5],
      ['in', 'out', 'l'],
      [1, 2, 9],
    ])
    const inside = vmap((m: Sharded) => void expect(names(m)).toEqual(['in', 'out']), {
      inAxes: -1,
      transformMetadata: { partitionName: 'l', other: 9 },
    })
    inside(m)
    expect(names(m)).toEqual(['in', 'out', 'l'])
  })

  it('a Variable without the axis keeps its names; what is added gets it', () => {
    const m = new Sharded()
    vmap(
      (m: Sharded, x: Tensor) => {
        expect(names(m)).toEqual(['in', 'out'])
        return m.forward(x)
      },
      { inAxes: [new StateAxes([[rest, null]]), 0], transformMetadata: { partitionName: 'batch' } },
    )(m, ones([2, 3]))
    expect(names(m)).toEqual(['in', 'out'])
  })

  it('hooks are told', () => {
    const told: unknown[] = []
    const onAddAxis: Hook = (_, axis, name) => told.push(['add', axis, name])
    const onRemoveAxis: Hook = (_, axis, name) => told.push(['remove', axis, name])
    const m = vmap(() => new Sharded({ onAddAxis, onRemoveAxis }), {
      axisSize: 2,
      transformMetadata: { partitionName: 'l' },
    })()
    vmap((m: Sharded) => void m, { transformMetadata: { partitionName: 'l' } })(m)
    expect(told).toEqual([
      ['add', 0, 'l'],
      ['remove', 0, 'l'],
      ['add', 0, 'l'],
    ])
  })

  it('another name than was given is refused, and nothing changes', () => {
    const m = vmap(() => new Sharded(), { axisSize: 2, transformMetadata: { partitionName: 'a' } })()
    expect(thrown(() => vmap((m: Sharded) => void m, { transformMetadata: { partitionName: 'b' } })(m))).toBe(
      'GraphError: transformMetadata: Expected to remove "b" at index 0 from ["a","in","out"], but found "a"; name the axis where the Variable gets it',
    )
    expect(names(m)).toEqual(['a', 'in', 'out'])
  })

  it('transformMetadata is the same as a wrapper of the function', () => {
    const make = transformMetadata(() => new Sharded(), { partition: 'layers' })
    const m = vmap(make, { axisSize: 2 })()
    expect(names(m)).toEqual(['layers', 'in', 'out'])
    const run = vmap(
      transformMetadata(
        (m: Sharded, x: Tensor) => {
          expect(names(m)).toEqual(['in', 'out'])
          return m.forward(x)
        },
        { inAxes: [0, null], partition: 'layers' },
      ),
      { inAxes: [0, null] },
    )
    expect(run(m, ones([3])).shape).toEqual([2, 4])
    expect(names(m)).toEqual(['layers', 'in', 'out'])
    const fails = transformMetadata(
      () => {
        throw new RangeError('no')
      },
      { partition: 'layers' },
    ) as (m: Sharded) => void
    expect(thrown(() => fails(m))).toBe('RangeError: no')
    expect(names(m)).toEqual(['layers', 'in', 'out'])
  })
})

describe('a named axis', () => {
  it('is known inside by its name', () => {
    const share = vmap((x: Tensor) => x.div(psum(x, 'batch')), { axisName: 'batch' })
    expect(share(arange(1, 5)).toArray()).toEqual([0.1, 0.2, 0.3, 0.4].map(Math.fround))
  })

  it('a jitted function is traced for each axis that it is called within', () => {
    const total = jit((x: Tensor) => psum(x, 'batch'))
    const each = vmap((x: Tensor) => total(x), { axisName: 'batch' })
    expect([each(ones([2])).toArray(), each(ones([3])).toArray(), each(ones([2])).toArray()]).toEqual([
      [2, 2],
      [3, 3, 3],
      [2, 2],
    ])
    expect([traceCount(total), thrown(() => total(ones([])))]).toEqual([2, expect.stringMatching(/unbound axis name/)])
  })

  it('gradients averaged over devices of a batch', () => {
    const m = new Sharded()
    const summed = jit((m: Sharded, x: Tensor) =>
      vmap((m: Sharded, x: Tensor) => psum(grad((m: Sharded) => m.forward(x).sum())(m).b.value, 'batch'), {
        inAxes: [null, 0],
        axisName: 'batch',
      })(m, x),
    )(m, ones([3, 3]))
    expect(summed.toArray()).toEqual([
      [3, 3, 3, 3],
      [3, 3, 3, 3],
      [3, 3, 3, 3],
    ])
  })
})

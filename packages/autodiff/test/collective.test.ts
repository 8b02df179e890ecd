import {
  allGather,
  axisIndex,
  axisSize,
  checkpoint,
  customVjp,
  grad,
  jvp,
  pmax,
  pmean,
  pmin,
  psum,
  vmap,
} from '@linum/autodiff'
import { array, DtypeError, jit, makeProgram, ones, scan, ShapeError, type Tensor, TraceError } from '@linum/tensor'
import { describe, expect, it } from 'vitest'
import { bits, ints, values } from './readings.js'

const x = array([1, 2, 4])
const over = <R>(f: (v: Tensor) => R): R => vmap(f, { axisName: 'i' })(x)

describe('inside vmap with a name', () => {
  it('sums, means and extremes are over all entries, for trees too', () => {
    const all = over((v) => ({ s: [psum(v, 'i'), pmean(v, 'i')], m: pmax({ a: v }, 'i').a.sub(pmin(v, 'i')) }))
    expect(values(all)).toEqual({ s: [[7, 7, 7], [7 / 3, 7 / 3, 7 / 3].map(Math.fround)], m: [3, 3, 3] })
  })

  it('a result is the same for all entries, so outAxes may leave its axis out', () => {
    expect(values(vmap((v: Tensor) => psum(v, 'i'), { axisName: 'i', outAxes: null })(x))).toBe(7)
    expect(() => vmap((v: Tensor) => v, { axisName: 'i', outAxes: null })(x)).toThrow(ShapeError)
  })

  it('what all entries share counts once per entry', () => {
    const two = array(2)
    expect(values(over(() => [psum(two, 'i'), pmean(two, 'i'), pmax(two, 'i')]))).toEqual([
      [6, 6, 6],
      [2, 2, 2],
      [2, 2, 2],
    ])
    expect(over((v) => v.mul(0).add(psum(5, 'i'))).toArray()).toEqual([15, 15, 15])
    expect(over(() => array(pmean(5, 'i'))).toArray()).toEqual([5, 5, 5])
  })

  it('numbers of entries and the size', () => {
    expect(bits(over(() => axisIndex('i')))).toEqual(bits(ints([0, 1, 2])))
    expect(over((v) => v.mul(axisSize('i'))).toArray()).toEqual([3, 6, 12])
    const both = vmap(
      vmap(
        (v: Tensor) =>
          v
            .mul(0)
            .add(axisIndex(['i', 'j']))
            .add(axisSize(['i', 'j']) * 10),
        { axisName: 'j' },
      ),
      { axisName: 'i' },
    )
    expect(both(ones([2, 3])).toArray()).toEqual([
      [60, 61, 62],
      [63, 64, 65],
    ])
  })

  it('gathers along a new axis or an old one', () => {
    const rows = array([
      [1, 2],
      [3, 4],
      [5, 6],
    ])
    const gather = (options: object): unknown =>
      values(vmap((v: Tensor) => allGather(v, 'i', options), { axisName: 'i' })(rows).slice(1))
    expect(gather({})).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ])
    expect(gather({ axis: -1 })).toEqual([
      [1, 3, 5],
      [2, 4, 6],
    ])
    expect(gather({ tiled: true })).toEqual([1, 2, 3, 4, 5, 6])
    expect(values(over(() => allGather(array([8]), 'i', { tiled: true })).slice(0))).toEqual([8, 8, 8])
  })

  it('the axis of another vmap is one entry more or less', () => {
    const m = array([
      [1, 2],
      [3, 4],
      [5, 6],
    ])
    const sums = vmap(
      vmap((v: Tensor) => [psum(v, 'i'), psum(v, 'j'), allGather(v, 'i')], { axisName: 'j' }),
      {
        axisName: 'i',
      },
    )(m) as unknown as readonly Tensor[]
    expect(values(sums.slice(0, 2))).toEqual([
      [
        [9, 12],
        [9, 12],
        [9, 12],
      ],
      [
        [3, 3],
        [7, 7],
        [11, 11],
      ],
    ])
    expect(values(sums[2]!.slice(0, 1))).toEqual([2, 4, 6])
  })

  it('a jitted function is traced for each size of the axis, and sees an axis that none of its arguments has', () => {
    const f = jit((v: Tensor) => v.mul(axisSize('i')).add(axisIndex('i')))
    const on = (v: Tensor): unknown => vmap(f, { axisName: 'i' })(v).toArray()
    expect([on(ones([2])), on(ones([3]))]).toEqual([
      [2, 3],
      [3, 4, 5],
    ])
    const total = jit(() => psum(array([1, 2]), 'i'))
    expect(values(over(() => total()))).toEqual([
      [3, 6],
      [3, 6],
      [3, 6],
    ])
    const steps = over((v) =>
      scan((c: Tensor) => [c.add(psum(1, 'i')), axisIndex('i')] as const, v, null, { length: 2 }),
    )
    expect(values(steps)).toEqual([
      [7, 8, 10],
      [
        [0, 0],
        [1, 1],
        [2, 2],
      ],
    ])
  })

  it('programs hold the operations, which print', () => {
    let names: readonly string[] = []
    over((v) => {
      names = makeProgram((u: Tensor) => pmean(u, 'i'))(v).equations.map((e) => e.primitive)
      return v
    })
    expect(names).toEqual(['psum', 'div'])
  })
})

describe('derivatives across entries', () => {
  it('of an extreme go to the entries that attain it, in equal shares', () => {
    const ties = array([3, 1, 3, 2])
    const f = (v: Tensor): Tensor => pmax(v, 'i').mul(axisIndex('i').add(1))
    const inside = vmap(grad(f), { axisName: 'i' })(ties)
    const outside = grad((w: Tensor) => vmap(f, { axisName: 'i' })(w).sum())(ties)
    expect([inside.toArray(), outside.toArray()]).toEqual([
      [5, 0, 5, 0],
      [5, 0, 5, 0],
    ])
    const along = vmap((v: Tensor, t: Tensor) => jvp((u: Tensor) => pmin(u, 'i'), [v], [t])[1], { axisName: 'i' })
    expect(along(ties, array([5, 6, 7, 8])).toArray()).toEqual([6, 6, 6, 6])
  })

  it('of values from outside of vmap, in whatever is inside', () => {
    const slope = (f: (v: Tensor, w: Tensor) => Tensor): unknown =>
      grad((w: Tensor) => over((v) => f(v, w)).sum())(array(2)).item()
    expect(slope((v, w) => psum(w, 'i').mul(v))).toBe(21)
    expect(slope((v, w) => jit(() => psum(w, 'i'))().mul(v))).toBe(21)
    expect(slope((v, w) => checkpoint(() => psum(w, 'i'))().mul(v))).toBe(21)
    expect(slope((v, w) => scan((c: Tensor) => [c.add(psum(w, 'i')), null] as const, v, null, { length: 2 })[0])).toBe(
      18,
    )
    const tripled = customVjp(
      (v: Tensor) => v,
      (v: Tensor) => [v, psum(1, 'i')] as const,
      (n, ct) => [ct.mul(n)],
    )
    expect(over(grad((v: Tensor) => tripled(v).mul(v))).toArray()).toEqual([4, 8, 16])
  })

  it('of a sum inside are summed over the entries, outside they are what they are', () => {
    expect(
      vmap(
        grad((v: Tensor) => psum(v, 'i')),
        { axisName: 'i' },
      )(x).toArray(),
    ).toEqual([3, 3, 3])
    const loss = (w: Tensor): Tensor => vmap((v: Tensor) => psum(v.mul(w), 'i'), { axisName: 'i' })(x).sum()
    expect(grad(loss)(array(1)).item()).toBe(21)
  })
})

describe('errors', () => {
  it('a name that is not bound', () => {
    const message = (fn: string, name: string, bound: string): TraceError =>
      new TraceError(
        `${fn}: unbound axis name, got '${name}' where ${bound} bound; call it inside vmap(f, { axisName: '${name}' })`,
      )
    expect(() => psum(x, 'i')).toThrow(message('psum', 'i', 'no axis is'))
    expect(() => axisSize('i')).toThrow(message('axisSize', 'i', 'no axis is'))
    expect(() => jit(() => axisIndex('i'))()).toThrow(message('axisIndex', 'i', 'no axis is'))
    expect(() => over((v) => allGather(v, 'j'))).toThrow(message('allGather', 'j', "'i' is"))
    expect(() => vmap((v: Tensor) => pmax(v, 'i'))(x)).toThrow(message('pmax', 'i', 'no axis is'))
    expect(() => pmean(1, ['i', 'j'])).toThrow(message('pmean', 'i', 'no axis is'))
  })

  it('a jitted function that names an axis, outside of it', () => {
    const f = jit((v: Tensor) => psum(v, 'i'))
    over(f)
    expect(() => f(array(1))).toThrow(/unbound axis name, got 'i'/)
  })

  it('a name given twice, booleans, and what is no tensor', () => {
    expect(() => over((v) => psum(v, ['i', 'i']))).toThrow(new TypeError("psum: axis name 'i' is repeated"))
    expect(() => over((v) => psum(v.greater(1), 'i'))).toThrow(DtypeError)
    expect(() => over((v) => psum({ a: v, b: 'x' }, 'i').a)).toThrow(
      new TypeError("psum: expected tensors, got string at ['b']; leave out what is none"),
    )
    expect(() => over((v) => allGather(v, 'i', { axis: 2 }))).toThrow(ShapeError)
    expect(() => vmap((v: Tensor) => v, { axisSize: -1, inAxes: [null] })(x)).toThrow(
      new RangeError('vmap(anonymous): axisSize must be a non-negative integer, got -1'),
    )
  })
})

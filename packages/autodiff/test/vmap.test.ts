import { grad, jvp, vjp, vmap } from '@linum/autodiff'
import { array, jit, matmul, ones, ShapeError, sin, Tensor, traceCount, TraceError, where, zeros } from '@linum/tensor'
import { isFloat } from '@linum/tensor/core'
import { describe, expect, it } from 'vitest'
import { bits, values } from './readings.js'

type Tensors = readonly Tensor[]

/** The entries along an axis. */
const entries = (x: Tensor, axis = 0): Tensors =>
  Array.from({ length: x.shape[axis]! }, (_, i) => x.slice(...Array.from({ length: axis }, () => ':'), i))

const a = array([
  [1, 2, 3],
  [4, 5, 6],
])

describe('axes', () => {
  it('the first of every argument and result, unless told', () => {
    expect(values(vmap((x: Tensor, y: Tensor) => x.sum().mul(y))(a, array([10, 100])))).toEqual([60, 1500])
  })

  it('one number for all arguments, also counted from the end', () => {
    expect(values(vmap((x: Tensor) => x.sum(), { inAxes: 1 })(a))).toEqual([5, 7, 9])
    expect(values(vmap((x: Tensor) => x.sum(), { inAxes: -1 })(a))).toEqual([5, 7, 9])
    expect(values(vmap((x: Tensor, y: Tensor) => x.add(y), { inAxes: 1 })(a, a.mul(10)))).toEqual([
      [11, 44],
      [22, 55],
      [33, 66],
    ])
    expect(vmap((x: Tensor) => x, { inAxes: -2 })(zeros([2, 3, 4, 5])).shape).toEqual([4, 2, 3, 5])
  })

  it('one per argument, null for those that all entries share', () => {
    const f = (x: Tensor, w: Tensor): Tensor => matmul(x, w)
    const w = array([1, 10, 100])
    expect(values(vmap(f, { inAxes: [0, null] })(a, w))).toEqual([321, 654])
    expect(values(vmap(f, { inAxes: [null, 1] })(array([1, 10]), a))).toEqual([41, 52, 63])
  })

  it('trees of axes that the arguments begin with', () => {
    const f = ({ w, b }: { w: readonly [Tensor, Tensor]; b: Tensor }, x: Tensor): Tensor => w[0].mul(x).add(w[1]).add(b)
    const params = { w: [a, array([7, 8, 9])] as const, b: array([100, 200]) }
    expect(values(vmap(f, { inAxes: [{ w: [0, null], b: 0 }, null] })(params, array([1, 0, 1])))).toEqual([
      [108, 108, 112],
      [211, 208, 215],
    ])
    expect(
      values(
        vmap(({ x, y }: { x: Tensor; y: readonly Tensor[] }) => x.add(y[0]!), { inAxes: [{ x: 1, y: 0 }] })({
          x: a,
          y: [array([1, 2, 3])],
        }),
      ),
    ).toEqual([
      [2, 5],
      [4, 7],
      [6, 9],
    ])
  })

  it('where the mapped axis goes in the results', () => {
    expect(values(vmap((x: Tensor) => x, { outAxes: 1 })(a))).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ])
    expect(values(vmap((x: Tensor) => x, { outAxes: -1 })(a))).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ])
    const f = (x: Tensor): { u: Tensor; v: readonly [Tensor, Tensor] } => ({ u: x, v: [x.mul(2), x.sum()] })
    expect(values(vmap(f, { outAxes: { u: 1, v: 0 } })(a))).toEqual({
      u: [
        [1, 4],
        [2, 5],
        [3, 6],
      ],
      v: [
        [
          [2, 4, 6],
          [8, 10, 12],
        ],
        [6, 15],
      ],
    })
    expect(values(vmap(f, { outAxes: { u: 1, v: [1, -1] } })(a))).toEqual({
      u: [
        [1, 4],
        [2, 5],
        [3, 6],
      ],
      v: [
        [
          [2, 8],
          [4, 10],
          [6, 12],
        ],
        [6, 15],
      ],
    })
  })

  it('axes in and out undo each other', () => {
    const x = sin(array(Array.from({ length: 24 }, (_, i) => i))).reshape([2, 3, 4])
    for (const axis of [0, 1, 2, -1, -3])
      expect(bits(vmap((v: Tensor) => v, { inAxes: axis, outAxes: axis })(x))).toEqual(bits(x))
  })

  it('null for a result that all entries share', () => {
    const shared = array([1, 2])
    const [s, n, x] = vmap((x: Tensor) => [shared.mul(2), 3, x] as const, { outAxes: [null, null, 0] })(a)
    expect(values([s, n, x])).toEqual([
      [2, 4],
      3,
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ])
    expect(values(vmap(() => shared, { outAxes: null })(...([a] as unknown as [])))).toEqual([1, 2])
  })

  it('a shared result is repeated where an axis is asked for', () => {
    expect(values(vmap(() => array([1, 2]), { outAxes: 1 })(...([a] as unknown as [])))).toEqual([
      [1, 1],
      [2, 2],
    ])
    expect(values(vmap(() => 3 as unknown as Tensor)(...([a] as unknown as [])))).toEqual([3, 3])
  })

  it('an extent alone, where no argument has one', () => {
    expect(values(vmap((x: Tensor) => x.mul(2), { inAxes: [null], axisSize: 2 })(array([1, 2])))).toEqual([
      [2, 4],
      [2, 4],
    ])
    expect(values(vmap(() => ones([]), { axisSize: 3 })())).toEqual([1, 1, 1])
    expect(values(vmap((x: Tensor) => x, { axisSize: 2 })(a))).toEqual(a.toArray())
  })

  it('an extent of 0', () => {
    expect(vmap((x: Tensor) => x.sum())(zeros([0, 3])).shape).toEqual([0])
    const [product, greatest] = vmap((x: Tensor) => [matmul(x, x), x.max()] as const, { outAxes: [1, 0], inAxes: 2 })(
      zeros([3, 3, 0]),
    )
    expect([product.shape, greatest.shape]).toEqual([[3, 0, 3], [0]])
  })

  it('null and leaves that are no numbers pass through', () => {
    const f = (x: { v: Tensor; none: null }, name: string, on: boolean): unknown => ({
      x,
      name,
      on,
      twice: on ? x.v.mul(2) : x.v,
    })
    expect(values(vmap(f, { inAxes: [0, null, null] })({ v: array([1, 2]), none: null }, 'a', true))).toEqual({
      x: { v: [1, 2], none: null },
      name: 'a',
      on: true,
      twice: [2, 4],
    })
  })

  it('a number is shared', () => {
    expect(values(vmap((x: Tensor, n: number) => x.mul(n), { inAxes: [0, null] })(array([1, 2]), 3))).toEqual([3, 6])
  })
})

describe('vmap with other transforms', () => {
  const outer = (x: Tensor, y: Tensor): Tensor => x.mul(y).add(x)

  it('within vmap, in either order of the axes', () => {
    const [x, y] = [array([1, 2]), array([10, 20, 30])]
    const table = vmap((u: Tensor) => vmap((v: Tensor) => outer(u, v))(y))(x)
    expect(values(table)).toEqual([
      [11, 21, 31],
      [22, 42, 62],
    ])
    expect(bits(vmap(vmap(outer, { inAxes: [null, 0] }), { inAxes: [0, null] })(x, y))).toEqual(bits(table))
    expect(bits(vmap(vmap(outer, { inAxes: [0, null] }), { inAxes: [null, 0], outAxes: 1 })(x, y))).toEqual(bits(table))
  })

  it('an inner vmap whose extent only a captured value has', () => {
    const f = (u: Tensor): Tensor => vmap((v: Tensor) => v.mul(u).sum())(a)
    expect(values(vmap(f)(array([1, 10])))).toEqual([
      [6, 15],
      [60, 150],
    ])
  })

  it('jit outside and inside', () => {
    const inner = jit((x: Tensor, y: Tensor) => outer(x, y))
    const [x, y] = [array([1, 2]), array([10, 20])]
    expect(values(vmap(inner)(x, y))).toEqual([11, 42])
    expect(values(vmap(inner, { inAxes: [0, null] })(x, array(10)))).toEqual([11, 22])
    const compiled = jit((x: Tensor, y: Tensor) => vmap(outer)(x, y))
    expect(values(compiled(x, y))).toEqual([11, 42])
    compiled(y, x)
    expect(traceCount(compiled)).toBe(1)
  })

  it('a jitted function keeps results that do not depend on the batch', () => {
    const f = jit((x: Tensor, s: Tensor) => [x.mul(s), s.exp()] as const)
    const [p, q] = vmap(f, { inAxes: [0, null], outAxes: [0, null] })(a, array(0))
    expect([p.shape, q.shape]).toEqual([[2, 3], []])
  })

  it('gradients for every entry', () => {
    const loss = (w: Tensor, x: Tensor): Tensor => sin(matmul(x, w)).square()
    const w = array([0.3, -0.2, 0.1])
    const each = vmap(grad(loss), { inAxes: [null, 0] })(w, a)
    expect(each.shape).toEqual([2, 3])
    entries(a).forEach((x, i) => expect(bits(each.slice(i))).toEqual(bits(grad(loss)(w, x))))
    const sum = grad((w: Tensor) => vmap(loss, { inAxes: [null, 0] })(w, a).sum())(w)
    expect(
      sum
        .sub(each.sum({ axis: 0 }))
        .abs()
        .max()
        .item(),
    ).toBeLessThan(1e-6)
  })

  it('a pullback or a jvp for a batch of directions', () => {
    const f = (x: Tensor): Tensor => x.square().mul(x.slice(0))
    const x = array([2, 3, 5])
    const [, back] = vjp(f, [x])
    expect(
      values(
        vmap((ct: Tensor) => back(ct)[0])(
          array([
            [1, 0, 0],
            [0, 1, 0],
          ]),
        ),
      ),
    ).toEqual([
      [12, 0, 0],
      [9, 12, 0],
    ])
    expect(
      values(
        vmap((t: Tensor) => jvp(f, [x], [t])[1])(
          array([
            [1, 0, 0],
            [0, 1, 0],
          ]),
        ),
      ),
    ).toEqual([
      [12, 9, 25],
      [0, 12, 0],
    ])
  })
})

describe('errors of vmap', () => {
  const id = (x: Tensor): Tensor => x
  const call =
    (f: (...xs: never[]) => unknown, options: object, ...xs: unknown[]): (() => unknown) =>
    () =>
      vmap(f as never, options as never)(...(xs as never[]))

  it('axes of different extents', () => {
    const pair = (x: Tensor, _: Tensor): Tensor => x
    expect(() => vmap(pair)(ones([2, 3]), ones([4, 3]))).toThrow(
      new ShapeError(
        'vmap(pair): got inconsistent sizes for array axes to be mapped: 2, 4 (2 for axis 0 of argument [0], 4 for axis 0 of argument [1])',
      ),
    )
    expect(() => vmap(id, { axisSize: 4 })(ones([2]))).toThrow(
      new ShapeError(
        'vmap(id): got inconsistent sizes for array axes to be mapped: 4, 2 (4 for axisSize, 2 for axis 0 of argument [0])',
      ),
    )
    expect(() => vmap((x: { p: Tensor; q: Tensor }) => x.p)({ p: ones([2]), q: ones([3]) })).toThrow(
      new ShapeError(
        "vmap(anonymous): got inconsistent sizes for array axes to be mapped: 2, 3 (2 for axis 0 of argument [0]['p'], 3 for axis 0 of argument [0]['q'])",
      ),
    )
  })

  it('an axis that is not there', () => {
    expect(() => vmap(id, { inAxes: 2 })(ones([2, 3]))).toThrow(
      new ShapeError('vmap(id): axis 2 is out of bounds for argument [0] of shape (2, 3)'),
    )
    expect(() => vmap(id, { inAxes: -3 })(ones([2, 3]))).toThrow(
      new ShapeError('vmap(id): axis -3 is out of bounds for argument [0] of shape (2, 3)'),
    )
    expect(() => vmap(id, { outAxes: 2 })(ones([2, 3]))).toThrow(
      new ShapeError('vmap: axis 2 is out of bounds for array of dimension 2'),
    )
    expect(() => vmap(id, { inAxes: 0.5 })(ones([2, 3]))).toThrow(
      new ShapeError('vmap(id): axis 0.5 is out of bounds for argument [0] of shape (2, 3)'),
    )
  })

  it('arguments without axes', () => {
    expect(call(id, {}, array(2))).toThrow(
      new ShapeError('vmap(id): argument [0] of shape () has no axis 0 to map over; give null for it in inAxes'),
    )
    expect(call(id, {}, 2)).toThrow(
      new ShapeError('vmap(id): argument [0] of shape () has no axis 0 to map over; give null for it in inAxes'),
    )
    expect(call(id, {}, 'a')).toThrow(
      new TypeError('vmap(id): argument [0] is a string, which has no axis to map over; give null for it in inAxes'),
    )
    expect(call(id, {}, true)).toThrow(
      new TypeError('vmap(id): argument [0] is a boolean, which has no axis to map over; give null for it in inAxes'),
    )
  })

  it('nothing to map over', () => {
    expect(call(id, { inAxes: [null] }, ones([2]))).toThrow(
      new TypeError('vmap: no argument has an axis to map over; give { axisSize }'),
    )
    expect(call(id, { inAxes: null }, ones([2]))).toThrow(
      new TypeError('vmap: no argument has an axis to map over; give { axisSize }'),
    )
    expect(call(() => 1, {})).toThrow(new TypeError('vmap: no argument has an axis to map over; give { axisSize }'))
  })

  it('axes that do not fit the structure', () => {
    expect(call(id, { inAxes: [0] }, ones([2]), ones([2]))).toThrow(
      new TypeError('vmap: inAxes must give one axis per item, got 1 for 2'),
    )
    expect(call(id, { inAxes: [[0, 1]] }, [ones([2])])).toThrow(
      new TypeError('vmap: inAxes[0] must give one axis per item, got 2 for 1'),
    )
    expect(call(id, { inAxes: [{ p: 0 }] }, ones([2]))).toThrow(
      new TypeError(
        "vmap: inAxes[0] is a tree that the value's structure does not begin with; give a number, null, or axes for each of its parts",
      ),
    )
    expect(call(id, { inAxes: [{ p: 0 }] }, { p: ones([2]), q: ones([2]) })).toThrow(
      new TypeError(
        "vmap: inAxes[0]['q'] is a tree that the value's structure does not begin with; give a number, null, or axes for each of its parts",
      ),
    )
    expect(call(id, { inAxes: [{ p: 0, r: 0 }] }, { p: ones([2]) })).toThrow(
      new TypeError("vmap: inAxes[0] names 'r', which the value does not have"),
    )
    expect(call(id, { outAxes: [0] }, ones([2]))).toThrow(
      new TypeError(
        "vmap: outAxes is a tree that the value's structure does not begin with; give a number, null, or axes for each of its parts",
      ),
    )
    expect(call((x: never) => [x, x], { outAxes: [0] }, ones([2]))).toThrow(
      new TypeError('vmap: outAxes must give one axis per item, got 1 for 2'),
    )
  })

  it('null for a result that depends on the batch', () => {
    const message =
      'vmap(id): a result depends on the mapped axis but outAxes says null; give it an axis. Its shape per entry is (3,)'
    expect(() => vmap(id, { outAxes: null })(ones([2, 3]))).toThrow(new ShapeError(message))
    expect(call((x: Tensor) => [array(1), x], { outAxes: [null, null] }, ones([2]))).toThrow(ShapeError)
  })

  it('a function that returns a Promise', () => {
    expect(call((async (x: Tensor) => x) as never, {}, ones([2]))).toThrow(
      new TraceError(
        'vmap(anonymous): the function returned a Promise; transforms are synchronous, so await before or after',
      ),
    )
  })

  it('an entry that is read, branched on or used afterwards', () => {
    let kept: Tensor | undefined
    vmap((x: Tensor) => (kept = x))(ones([2]))
    expect(() => kept!.add(1)).toThrow(TraceError)
    expect(() => vmap((x: Tensor) => ((x.item() as number) > 0 ? x : x.neg()))(ones([2]))).toThrow(TraceError)
  })

  it('leaves nothing behind', () => {
    expect(
      call(
        () => {
          throw new RangeError('mine')
        },
        {},
        ones([2]),
      ),
    ).toThrow(new RangeError('mine'))
    expect(values(where(array([true]), 1, 2))).toEqual([1])
    expect(isFloat(vmap(id)(ones([2])).dtype)).toBe(true)
  })
})

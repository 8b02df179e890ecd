import {
  array,
  cond,
  DtypeError,
  foriLoop,
  map,
  ones,
  random,
  scan,
  ShapeError,
  stack,
  StateError,
  switchCase,
  Tensor,
  TraceError,
  whileLoop,
} from '@linum/tensor'
import { describe, expect, it } from 'vitest'
import { ints, xs } from './both-ways.js'

describe('errors', () => {
  type Loose = (...args: unknown[]) => unknown
  const call =
    (f: unknown, ...args: unknown[]): (() => unknown) =>
    () =>
      (f as Loose)(...args)
  const id = (c: unknown): unknown => [c, null]
  const length = { length: 2 }

  it('a carry that changes its dtype', () => {
    expect(call(scan, (c: Tensor) => [c.astype('float32'), null], ints(1), null, length)).toThrow(
      new DtypeError('scan: the carry must keep its types, got float32() for int32(); convert it in the body'),
    )
    expect(call(scan, (c: Tensor) => [c.add(0.5), null], ints(1), null, length)).toThrow(
      new DtypeError('scan: the carry must keep its types, got float32() for int32(); convert it in the body'),
    )
    expect(call(scan, () => [0.5, null], ints(1), null, length)).toThrow(
      new DtypeError('scan: the carry must keep its types, got float32() for int32(); convert it in the body'),
    )
    expect(call(scan, () => [1, null], random.key(0), null, length)).toThrow(
      new DtypeError('scan: the carry must keep its types, got float32() for key(); convert it in the body'),
    )
    expect(
      call(
        whileLoop,
        () => false,
        (v: Tensor) => v.div(2),
        ints([1, 2]),
      ),
    ).toThrow(
      new DtypeError('whileLoop: the carry must keep its types, got float32(2,) for int32(2,); convert it in the body'),
    )
    expect(call(foriLoop, 0, 2, (_: Tensor, v: Tensor) => v.greater(0), array(1))).toThrow(
      new DtypeError('foriLoop: the carry must keep its types, got bool() for float32(); convert it in the body'),
    )
    expect(call(foriLoop, 0, ints(2), (_: Tensor, v: Tensor) => v.greater(0), array(1))).toThrow(
      new DtypeError('foriLoop: the carry must keep its types, got bool() for float32(); convert it in the body'),
    )
  })

  it('a carry that changes its shape', () => {
    expect(call(scan, (c: Tensor) => [stack([c, c]), null], array(1), null, length)).toThrow(
      new ShapeError('scan: the carry must keep its types, got float32(2,) for float32()'),
    )
    expect(call(scan, () => [1, null], ones([2]), null, length)).toThrow(
      new ShapeError('scan: the carry must keep its types, got float32() for float32(2,)'),
    )
    expect(
      call(
        whileLoop,
        () => false,
        (v: Tensor) => v.sum(),
        ones([2]),
      ),
    ).toThrow(new ShapeError('whileLoop: the carry must keep its types, got float32() for float32(2,)'))
    expect(call(foriLoop, 0, 2, (_: Tensor, v: Tensor) => v.sum(), ones([2]))).toThrow(
      new ShapeError('foriLoop: the carry must keep its types, got float32() for float32(2,)'),
    )
  })

  it('a carry that changes its structure', () => {
    expect(call(scan, (c: Tensor) => [[c], null], array(1), null, length)).toThrow(
      new StateError('scan: the carry must keep its structure, got [*] for *'),
    )
    expect(call(scan, ({ a }: { a: Tensor }) => [{ a, b: a }, null], { a: array(1) }, null, length)).toThrow(
      new StateError('scan: the carry must keep its structure, got {a: *, b: *} for {a: *}'),
    )
    expect(call(scan, () => [null, null], array(1), null, length)).toThrow(
      new StateError('scan: the carry must keep its structure, got null for *'),
    )
    expect(
      call(
        whileLoop,
        () => false,
        (v: Tensor) => [v],
        array(1),
      ),
    ).toThrow(new StateError('whileLoop: the carry must keep its structure, got [*] for *'))
  })

  it('a scan that does not know its length', () => {
    expect(call(scan, id, array(1), null)).toThrow(
      new TypeError('scan got no values to scan over and length not provided.'),
    )
    expect(call(scan, id, array(1), { a: [] })).toThrow(
      new TypeError('scan got no values to scan over and length not provided.'),
    )
    expect(call(map, id, null)).toThrow(new TypeError('map got no values to scan over and length not provided.'))
    expect(call(scan, id, array(1), null, { length: -1 })).toThrow(
      new RangeError('scan: length must be a non-negative integer, got -1'),
    )
    expect(call(scan, id, array(1), null, { length: 1.5 })).toThrow(
      new RangeError('scan: length must be a non-negative integer, got 1.5'),
    )
  })

  it('values of different lengths, or without an axis', () => {
    expect(call(scan, id, array(1), [ones([2]), ones([3])])).toThrow(
      new ShapeError('scan: got different leading axis sizes, 2 and 3'),
    )
    expect(call(scan, id, array(1), ones([2]), { length: 3 })).toThrow(
      new ShapeError('scan: got different leading axis sizes, 3 and 2'),
    )
    expect(call(scan, id, array(1), array(2))).toThrow(
      new ShapeError('scan: values to scan over need a leading axis, got a scalar'),
    )
    expect(call(scan, id, array(1), [1, 2, 3])).toThrow(
      new ShapeError('scan: values to scan over need a leading axis, got a scalar'),
    )
    expect(call(map, (x: Tensor) => x, array(2))).toThrow(
      new ShapeError('map: values to scan over need a leading axis, got a scalar'),
    )
  })

  it('a body that does not return a pair', () => {
    expect(call(scan, (c: Tensor) => c, array(1), xs)).toThrow(
      new TypeError('scan: the function must return [carry, y], got object'),
    )
    expect(call(scan, () => undefined, array(1), xs)).toThrow(
      new TypeError('scan: the function must return [carry, y], got undefined'),
    )
    expect(call(scan, (c: Tensor) => [c, c, c], array(1), xs)).toThrow(
      new TypeError('scan: the function must return [carry, y], got an array of 3'),
    )
  })

  it('leaves that are no tensors', () => {
    expect(call(scan, id, { a: ['x'] }, xs)).toThrow(
      new TypeError("scan: expected tensors, got string at ['a'][0]; close over values that are none"),
    )
    expect(call(scan, id, array(1), 'x')).toThrow(
      new TypeError('scan: expected tensors, got string; close over values that are none'),
    )
    expect(call(scan, (c: Tensor) => [c, { y: () => 1 }], array(1), xs)).toThrow(
      new TypeError("scan: expected tensors, got function at ['y']; close over values that are none"),
    )
    expect(call(map, () => 'x', xs)).toThrow(
      new TypeError('map: expected tensors, got string; close over values that are none'),
    )
    expect(
      call(
        cond,
        true,
        () => 'x',
        () => 'y',
      ),
    ).toThrow(new TypeError('cond: expected tensors, got string; close over values that are none'))
    expect(call(whileLoop, () => false, id, 'x')).toThrow(
      new TypeError('whileLoop: expected tensors, got string; close over values that are none'),
    )
    expect(call(foriLoop, 0, 2, id, 'x')).toThrow(
      new TypeError('foriLoop: expected tensors, got string; close over values that are none'),
    )
  })

  it('a predicate that is no scalar', () => {
    expect(call(cond, array([true]), id, id, array(1))).toThrow(
      new ShapeError('cond: the predicate must be a scalar, got shape (1,); use where for a choice per element'),
    )
    expect(call(cond, 'yes', id, id, array(1))).toThrow(
      new TypeError('cond: expected a tensor or a number, got string'),
    )
    expect(call(cond, random.key(0), id, id, array(1))).toThrow(
      new DtypeError('cond: the predicate must be a bool or a number, got a random key'),
    )
    expect(
      call(
        whileLoop,
        (v: Tensor) => v.less(1),
        (v: Tensor) => v,
        ones([2]),
      ),
    ).toThrow(new ShapeError('whileLoop: the test must return a scalar, got shape (2,)'))
    expect(
      call(
        whileLoop,
        () => 'yes',
        (v: Tensor) => v,
        ones([2]),
      ),
    ).toThrow(new TypeError('whileLoop: expected a tensor or a number, got string'))
  })

  it('branches that do not agree', () => {
    const one = array(1)
    expect(
      call(
        cond,
        true,
        (v: Tensor) => v,
        (v: Tensor) => v.astype('int32'),
        one,
      ),
    ).toThrow(
      new DtypeError(
        'cond: all branches must return the same types, got float32() from onTrue and int32() from onFalse; convert one of them',
      ),
    )
    expect(
      call(
        cond,
        true,
        () => 0.5,
        () => ints(1),
      ),
    ).toThrow(
      new DtypeError(
        'cond: all branches must return the same types, got int32() from onFalse and float32() from onTrue; convert one of them',
      ),
    )
    expect(
      call(
        cond,
        true,
        () => 0.5,
        () => random.key(1),
      ),
    ).toThrow(DtypeError)
    expect(
      call(
        cond,
        true,
        (v: Tensor) => stack([v, v]),
        (v: Tensor) => v.mul(2),
        ones([]),
      ),
    ).toThrow(
      new ShapeError(
        'cond: all branches must return the same types, got float32(2,) from onTrue and float32() from onFalse',
      ),
    )
    expect(
      call(
        cond,
        true,
        (v: Tensor) => [v],
        (v: Tensor) => v,
        one,
      ),
    ).toThrow(new StateError('cond: all branches must return one structure, got [*] from onTrue and * from onFalse'))
    const three = [(v: Tensor): unknown => v, (v: Tensor): unknown => v, (v: Tensor): unknown => v.greater(0)]
    expect(call(switchCase, 0, three, ones([2]))).toThrow(
      new DtypeError(
        'switchCase: all branches must return the same types, got float32(2,) from branch 0 and bool(2,) from branch 2; convert one of them',
      ),
    )
    expect(call(switchCase, 0, [...three.slice(0, 2), (v: Tensor) => ({ v })], one)).toThrow(
      new StateError(
        'switchCase: all branches must return one structure, got * from branch 0 and {v: *} from branch 2',
      ),
    )
  })

  it('an index that is no integer scalar, or no branches', () => {
    expect(call(switchCase, 0, [])).toThrow(new TypeError('switchCase: needs at least one branch'))
    expect(call(switchCase, 0.5, [id], array(1))).toThrow(
      new DtypeError('switchCase: the index must be an integer scalar, got float32 of shape ()'),
    )
    expect(call(switchCase, true, [id], array(1))).toThrow(
      new DtypeError('switchCase: the index must be an integer scalar, got bool of shape ()'),
    )
    expect(call(switchCase, ints([1]), [id], array(1))).toThrow(
      new DtypeError('switchCase: the index must be an integer scalar, got int32 of shape (1,)'),
    )
  })

  it('bounds that are no integers', () => {
    const body = (_: Tensor, v: Tensor): Tensor => v
    expect(call(foriLoop, 0.5, 2, body, array(1))).toThrow(new TypeError('foriLoop: bounds must be integers, got 0.5'))
    expect(call(foriLoop, 0, NaN, body, array(1))).toThrow(new TypeError('foriLoop: bounds must be integers, got NaN'))
    expect(call(foriLoop, 0.5, ints(2), body, array(1))).toThrow(
      new TypeError('foriLoop: bounds must be integers, got 0.5'),
    )
    expect(call(foriLoop, array(0), 2, body, array(1))).toThrow(
      new DtypeError("foriLoop: bounds must be integers, got float32; convert with astype('int32')"),
    )
    expect(call(foriLoop, 0, ints([2]), body, array(1))).toThrow(
      new ShapeError('foriLoop: bounds must be scalars, got shape (1,)'),
    )
  })

  it('a function that returns a Promise', () => {
    const later = async (v: unknown): Promise<unknown> => v
    const refusal = (fn: string): TraceError =>
      new TraceError(`${fn}: the function returned a Promise; transforms are synchronous, so await before or after`)
    expect(call(scan, async (c: Tensor) => [c, null], array(1), xs)).toThrow(refusal('scan'))
    expect(call(scan, (c: Tensor) => [c, later(c)], array(1), xs)).toThrow(refusal('scan'))
    expect(call(scan, (c: Tensor) => [later(c), c], array(1), xs)).toThrow(refusal('scan'))
    expect(call(map, later, xs)).toThrow(refusal('map'))
    expect(call(cond, true, later, (v: Tensor) => v, array(1))).toThrow(refusal('cond'))
    expect(call(switchCase, 0, [(v: Tensor) => v, later], array(1))).toThrow(refusal('switchCase'))
    expect(call(whileLoop, later, (v: Tensor) => v, array(1))).toThrow(refusal('whileLoop'))
    expect(call(whileLoop, (v: Tensor) => v.less(1), later, array(1))).toThrow(refusal('whileLoop'))
    expect(call(foriLoop, 0, 2, async (_: Tensor, v: Tensor) => v, array(1))).toThrow(refusal('foriLoop'))
    expect(call(foriLoop, 0, ints(2), async (_: Tensor, v: Tensor) => v, array(1))).toThrow(refusal('foriLoop'))
  })

  it('a failed Promise in the body is nobody’s unhandled rejection', async () => {
    expect(call(scan, (c: Tensor) => [c, Promise.reject(new Error('lost'))], array(1), xs)).toThrow(TraceError)
    await new Promise((resolve) => setTimeout(resolve, 5))
  })
})

import { fc, test } from '@fast-check/vitest'
import * as np from '@linum/tensor'
import { add, array, DtypeError, jit, multiply, random, type Tensor, type TensorLike, where } from '@linum/tensor'
import { describe, expect } from 'vitest'

const type = (x: Tensor): string => `${x.dtype}${x.weak ? '*' : ''}`
const float = array([1.5, 2])
const integer = array([1, 2], { dtype: 'int32' })
const unsigned = array([1, 2], { dtype: 'uint32' })
const bool = array([true, false])

describe('a number beside a tensor', () => {
  test.each<[string, Tensor, number, string, unknown]>([
    ['a float tensor keeps its dtype', float, 2, 'float32', [3.5, 4]],
    ['and so it does beside a fraction', float, 0.5, 'float32', [2, 2.5]],
    ['an int32 tensor keeps its dtype beside a whole number', integer, 2, 'int32', [3, 4]],
    ['and becomes a weak float32 beside a fraction', integer, 0.5, 'float32*', [1.5, 2.5]],
    ['or beside infinity', integer, Infinity, 'float32*', [Infinity, Infinity]],
    ['an uint32 tensor keeps its dtype beside a whole number', unsigned, 2, 'uint32', [3, 4]],
    ['and counts a negative one back from 2^32', unsigned, -1, 'uint32', [0, 1]],
    ['a bool tensor becomes a weak int32 beside a whole number', bool, 2, 'int32*', [3, 2]],
    ['and a weak float32 beside a fraction', bool, 0.5, 'float32*', [1.5, 0.5]],
  ])('%s', (_name, x, number, dtype, value) => {
    for (const sum of [x.add(number), add(number, x)]) {
      expect(type(sum)).toBe(dtype)
      expect(sum.toArray()).toEqual(value)
    }
  })

  test('that its integer type cannot hold is refused instead of being wrapped', () => {
    expect(() => integer.add(2 ** 31)).toThrow(
      new RangeError("add: 2147483648 is out of the range of int32; convert the tensor with astype('float32')"),
    )
    expect(() => np.less(integer, 3e9)).toThrow('less: 3000000000 is out of the range of int32')
    expect(() => unsigned.maximum(2 ** 32)).toThrow(RangeError)
    expect(() => where(bool, integer, -3e9)).toThrow(RangeError)
    expect(integer.add(2 ** 31 - 1).toArray()).toEqual([-(2 ** 31), -(2 ** 31) + 1])
    expect(unsigned.less(2 ** 32 - 1).toArray()).toEqual([true, true])
  })

  test('divides as a float whatever its size', () => {
    expect(integer.divide(4e9).toArray()).toEqual([Math.fround(1 / 4e9), Math.fround(2 / 4e9)])
    expect(type(integer.divide(2))).toBe('float32')
    expect(type(integer.divide(2.5))).toBe('float32*')
  })
})

describe('two numbers', () => {
  test('make a weak float32 scalar', () => {
    expect(type(add(1, 2))).toBe('float32*')
    expect(add(1, 2).item()).toBe(3)
    expect(type(array(3))).toBe('float32*')
    expect(type(array([3]))).toBe('float32')
  })

  test('give way to the tensors they meet later', () => {
    expect(type(add(1, 2).mul(float))).toBe('float32')
    expect(type(array(1, { dtype: 'float32' }).mul(integer))).toBe('float32')
  })
})

describe('booleans', () => {
  test('are of dtype bool, and count as 0 and 1 beside numbers', () => {
    expect(type(np.logicalAnd(true, false))).toBe('bool')
    expect(type(add(true, integer))).toBe('int32')
    expect(add(true, integer).toArray()).toEqual([2, 3])
    expect(add(true, true).dtype).toBe('bool')
  })
})

describe('what is no operand', () => {
  test.each([
    [[1, 2], 'add: expected a tensor or a number, got an array; wrap it with array(...)'],
    [null, 'add: expected a tensor or a number, got null'],
    [undefined, 'add: expected a tensor or a number, got undefined'],
    ['1', 'add: expected a tensor or a number, got string'],
    [{}, 'add: expected a tensor or a number, got object'],
    [1n, 'add: expected a tensor or a number, got bigint'],
    [() => 1, 'add: expected a tensor or a number, got function'],
  ])('is refused: %s', (x, message) => {
    expect(() => add(float, x as unknown as TensorLike)).toThrow(new TypeError(message))
    expect(() => add(x as unknown as TensorLike, float)).toThrow(new TypeError(message))
  })

  test('is a random key, which is no number', () => {
    const key = random.key(0)
    expect(() => key.add(1)).toThrow(
      new DtypeError('add: does not accept random keys; use random.keyData(key) for their words'),
    )
    expect(() => np.equal(key, key)).toThrow(DtypeError)
    expect(() => np.exp(key)).toThrow(DtypeError)
    expect(() => np.negative(key)).toThrow(DtypeError)
    expect(() => key.sum()).toThrow(DtypeError)
    expect(() => key.astype('uint32')).toThrow(
      new DtypeError('astype: cannot convert key to uint32; use random.keyData and random.wrapKeyData'),
    )
    expect(() => float.astype('key')).toThrow(DtypeError)
  })
})

const functions = [np.add, np.subtract, np.multiply, np.divide, np.maximum, np.less, np.greaterEqual, np.equal]
const numbers = fc.constantFrom(0, -0, 1, -1, 0.1, 2.5, NaN, Infinity, 2 ** 31 - 1, -(2 ** 31), 16777217)
test.prop([fc.constantFrom(...functions), fc.constantFrom<Tensor>(float, integer, unsigned), numbers])(
  'a number means the same in a compiled function',
  (f, x, n) => {
    const compiled = jit((y: Tensor) => [f(y, n), f(n, y)])(x)
    const eager = [f(x, n), f(n, x)]
    expect(compiled.map((y) => [type(y), y.toArray()])).toEqual(eager.map((y) => [type(y), y.toArray()]))
  },
)

const tensor = fc.constantFrom<Tensor>(
  float,
  integer,
  unsigned,
  bool,
  array(2),
  array(2, { dtype: 'int32' }),
  add(integer, 0.5),
)
test.prop([tensor, tensor])('the type of a sum is that of the two types, in either order', (x, y) => {
  expect(type(x.add(y))).toBe(type(y.add(x)))
  expect(type(x.multiply(y))).toBe(type(multiply(y, x)))
})
test.prop([tensor, fc.integer({ min: -100, max: 100 })])('a whole number changes no dtype but bool', (x, n) => {
  expect(x.add(n).dtype).toBe(x.dtype === 'bool' ? 'int32' : x.dtype)
})

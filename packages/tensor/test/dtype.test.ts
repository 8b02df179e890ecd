import { fc, test } from '@fast-check/vitest'
import { array, type Aval, dtypes, DtypeError, zeros } from '@linum/tensor'
import { describe, expect } from 'vitest'
import { checkDType, dtypeBytes, isDType, isFloat, promote, type StoredDType } from '../src/core/dtype.js'
import { dtypeOfArray, fitOf, hostArray, hostCopy, hostOf, numberOf } from '../src/core/host.js'

type Typed = Pick<Aval, 'dtype' | 'weak'>

const strong = (dtype: Aval['dtype']): Typed => ({ dtype, weak: false })
const types: Readonly<Record<string, Typed>> = {
  b1: strong('bool'),
  u8: strong('uint8'),
  u16: strong('uint16'),
  u32: strong('uint32'),
  i8: strong('int8'),
  i16: strong('int16'),
  i32: strong('int32'),
  bf: strong('bfloat16'),
  f16: strong('float16'),
  f32: strong('float32'),
  f64: strong('float64'),
  'i*': { dtype: 'int32', weak: true },
  'f*': { dtype: 'float32', weak: true },
}
const nameOf = (type: Typed): string =>
  Object.keys(types).find((name) => types[name]!.dtype === type.dtype && types[name]!.weak === type.weak) ?? '?'

describe('promotion', () => {
  // JAX's table with 64-bit integers off; an asterisk marks weak types.
  const table = `
          b1   u8   u16  u32  i8   i16  i32  bf   f16  f32  f64  i*   f*
    b1    b1   u8   u16  u32  i8   i16  i32  bf   f16  f32  f64  i*   f*
    u8    u8   u8   u16  u32  i16  i16  i32  bf   f16  f32  f64  u8   f*
    u16   u16  u16  u16  u32  i32  i32  i32  bf   f16  f32  f64  u16  f*
    u32   u32  u32  u32  u32  i32  i32  i32  bf   f16  f32  f64  u32  f*
    i8    i8   i16  i32  i32  i8   i16  i32  bf   f16  f32  f64  i8   f*
    i16   i16  i16  i32  i32  i16  i16  i32  bf   f16  f32  f64  i16  f*
    i32   i32  i32  i32  i32  i32  i32  i32  bf   f16  f32  f64  i32  f*
    bf    bf   bf   bf   bf   bf   bf   bf   bf   f32  f32  f64  bf   bf
    f16   f16  f16  f16  f16  f16  f16  f16  f32  f16  f32  f64  f16  f16
    f32   f32  f32  f32  f32  f32  f32  f32  f32  f32  f32  f64  f32  f32
    f64   f64  f64  f64  f64  f64  f64  f64  f64  f64  f64  f64  f64  f64
    i*    i*   u8   u16  u32  i8   i16  i32  bf   f16  f32  f64  i*   f*
    f*    f*   f*   f*   f*   f*   f*   f*   bf   f16  f32  f64  f*   f*`
  const [header, ...rows] = table
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/))
  const cells = rows.flatMap(([row, ...results]) => results.map((result, k) => [row!, header![k]!, result] as const))

  test.each(cells)('of %s with %s gives %s', (a, b, result) => {
    expect(nameOf(promote(types[a]!, types[b]!))).toBe(result)
  })

  test('the table covers every pair', () => {
    expect(cells).toHaveLength(169)
  })

  const type = fc.constantFrom(...Object.values(types))
  test.prop([type, type])('does not depend on the order of two operands', (a, b) => {
    expect(promote(a, b)).toEqual(promote(b, a))
  })
  // With narrow types it may, as in JAX: (u8 + i8) + i16 climbs by way of i16, u8 + f16 loses the integer.
  const wide = fc.constantFrom(...['b1', 'u32', 'i32', 'f32', 'i*', 'f*'].map((name) => types[name]!))
  test.prop([wide, wide, wide], { numRuns: 300 })(
    'of 32-bit types does not depend on the grouping of three operands',
    (a, b, c) => {
      expect(promote(promote(a, b), c)).toEqual(promote(a, promote(b, c)))
    },
  )
  test.prop([type])('keeps the type of equal operands', (a) => {
    expect(promote(a, a)).toEqual(a)
  })
  test.prop([type, type])('is an upper bound: once promoted, promoting again changes nothing', (a, b) => {
    const both = promote(a, b)
    expect(promote(both, a).dtype).toBe(both.dtype)
    expect(promote(both, b).dtype).toBe(both.dtype)
  })

  test('of a key with a number is refused', () => {
    expect(() => promote(strong('key'), strong('float32'))).toThrow(DtypeError)
    expect(() => promote(strong('uint32'), strong('key'))).toThrow(
      'promote: no common dtype, got uint32 and key; random keys take part in no arithmetic',
    )
    expect(promote(strong('key'), strong('key'))).toEqual(strong('key'))
  })
})

describe('a dtype', () => {
  test('is one of twelve names, in the order in which promotion climbs', () => {
    expect(dtypes).toEqual([
      'bool',
      'uint8',
      'uint16',
      'uint32',
      'int8',
      'int16',
      'int32',
      'bfloat16',
      'float16',
      'float32',
      'float64',
      'key',
    ])
    expect(dtypes.every(isDType)).toBe(true)
  })

  test.each([
    ['complex64', '"complex64"'],
    ['toString', '"toString"'],
    ['__proto__', '"__proto__"'],
    [7, '7'],
    [null, 'null'],
    [undefined, 'undefined'],
    [Symbol.iterator, 'Symbol(Symbol.iterator)'],
  ])('of %s is refused with the names that exist', (dtype, shown) => {
    const message = `zeros: unknown dtype, got ${shown}; use one of ${dtypes.join(', ')}`
    expect(() => checkDType('zeros', dtype)).toThrow(new DtypeError(message))
  })

  test('that is misspelled is refused wherever one is given', () => {
    const wrong = { dtype: 'half' as 'float32' }
    expect(() => zeros([2], wrong)).toThrow(DtypeError)
    expect(() => zeros([2], wrong)).toThrow('zeros: unknown dtype, got "half"')
    expect(() => array([1], wrong)).toThrow('array: unknown dtype, got "half"; use one of bool, uint8')
    expect(() => array([1]).astype('int64' as 'int32')).toThrow(DtypeError)
    expect(() => array([1]).sum({ dtype: 'double' as 'float32' })).toThrow(DtypeError)
  })

  test('errors are TypeErrors with a name of their own', () => {
    const error = new DtypeError('x')
    expect(error).toBeInstanceOf(TypeError)
    expect(error.name).toBe('DtypeError')
  })

  test('of a typed array is its own, where there is one', () => {
    const arrays = [
      Float32Array.of(1),
      Float64Array.of(1),
      Int32Array.of(1),
      Uint32Array.of(1),
      Int8Array.of(1),
      Uint8Array.of(1),
      Uint8ClampedArray.of(1),
      Int16Array.of(1),
      Uint16Array.of(1),
    ]
    expect(arrays.map(dtypeOfArray)).toEqual([
      'float32',
      'float32',
      'int32',
      'uint32',
      'int8',
      'uint8',
      'uint8',
      'int16',
      'uint16',
    ])
    expect([BigInt64Array.of(1n), new DataView(new ArrayBuffer(4))].map(dtypeOfArray)).toEqual([null, null])
  })

  test('stores a key as two words', () => {
    expect(hostArray('key', 3)).toEqual(new Uint32Array(6))
    expect(hostArray('bool', 3)).toEqual(new Uint8Array(3))
  })

  test('stores a half as its bits', () => {
    expect(hostOf('float16', [1, -2, 65504, 1e6, 2 ** -24, 0])).toEqual(
      Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x7c00, 1, 0),
    )
    expect(hostOf('bfloat16', [1, -2, Infinity, 3.140625])).toEqual(Uint16Array.of(0x3f80, 0xc000, 0x7f80, 0x4049))
  })

  test.each([0, 3, 100_003])('a copy of %i elements of any dtype is alike and on its own', (length) => {
    for (const dtype of dtypes.filter((d): d is StoredDType => d !== 'key')) {
      const stored = hostArray(dtype, length).fill(1)
      const copy = hostCopy(stored)
      expect(copy.constructor).toBe(stored.constructor)
      expect(copy.buffer.byteLength).toBe(stored.byteLength)
      expect(Buffer.from(copy.buffer).equals(Buffer.from(stored.buffer))).toBe(true)
      stored.fill(0)
      expect(copy.every((x) => x === 1)).toBe(true)
    }
  })

  const half = fc.constantFrom<StoredDType>('float16', 'bfloat16')
  test.prop([half, fc.integer({ min: 0, max: 0xffff })])('every half is the nearest half to itself', (dtype, bits) => {
    const x = numberOf(dtype, bits)
    if (Number.isNaN(x)) expect(fitOf(dtype)(x)).toBeNaN()
    else expect(hostOf(dtype, [x])[0]).toBe(bits)
  })
  test.prop([half, fc.float({ noNaN: true, min: -60000, max: 60000 })], { numRuns: 300 })(
    'a number is rounded to the nearest half, to the even one between two',
    (dtype, x) => {
      const bits = hostOf(dtype, [x])[0]!
      const near = Math.abs(numberOf(dtype, bits) - x)
      for (const other of [bits - 1, bits + 1]) {
        const distance = Math.abs(numberOf(dtype, other & 0xffff) - x)
        if (Number.isNaN(distance)) continue
        expect(near).toBeLessThanOrEqual(distance)
        if (near === distance) expect(bits % 2).toBe(0)
      }
    },
  )
  test.prop([fc.constantFrom(...dtypes.filter((d) => d !== 'key')), fc.double()], { numRuns: 300 })(
    'what fits a dtype is what its array holds',
    (dtype, x) => {
      const stored = hostOf(dtype as StoredDType, [fitOf(dtype as StoredDType)(x)])
      expect(
        Object.is(
          numberOf(dtype, stored[0]!),
          numberOf(dtype, hostOf(dtype as StoredDType, [numberOf(dtype, stored[0]!)])[0]!),
        ),
      ).toBe(true)
      expect(stored.BYTES_PER_ELEMENT).toBe(dtypeBytes(dtype))
      if (!isFloat(dtype)) return
      expect(Object.is(fitOf(dtype as StoredDType)(x), numberOf(dtype, stored[0]!))).toBe(true)
    },
  )
})

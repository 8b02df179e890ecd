import { fc, test } from '@fast-check/vitest'
import { array, type Aval, dtypes, DtypeError, zeros } from '@linum/tensor'
import { describe, expect } from 'vitest'
import { checkDType, dtypeOfArray, hostArray, isDType, promote } from '../src/core/dtype.js'

type Typed = Pick<Aval, 'dtype' | 'weak'>

const strong = (dtype: Aval['dtype']): Typed => ({ dtype, weak: false })
const types: Readonly<Record<string, Typed>> = {
  b: strong('bool'),
  u: strong('uint32'),
  i: strong('int32'),
  f: strong('float32'),
  'i*': { dtype: 'int32', weak: true },
  'f*': { dtype: 'float32', weak: true },
}
const nameOf = ({ dtype, weak }: Typed): string => `${dtype[0]}${weak ? '*' : ''}`

describe('promotion', () => {
  // JAX's table with 64-bit types off; an asterisk marks weak types.
  const table = `
         b   u   i   f   i*  f*
    b    b   u   i   f   i*  f*
    u    u   u   i   f   u   f*
    i    i   i   i   f   i   f*
    f    f   f   f   f   f   f
    i*   i*  u   i   f   i*  f*
    f*   f*  f*  f*  f   f*  f*`
  const [header, ...rows] = table
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/))
  const cells = rows.flatMap(([row, ...results]) => results.map((result, k) => [row!, header![k]!, result] as const))

  test.each(cells)('of %s with %s gives %s', (a, b, result) => {
    expect(nameOf(promote(types[a]!, types[b]!))).toBe(result)
  })

  test('the table covers every pair', () => {
    expect(cells).toHaveLength(36)
  })

  const type = fc.constantFrom(...Object.values(types))
  test.prop([type, type])('does not depend on the order of two operands', (a, b) => {
    expect(promote(a, b)).toEqual(promote(b, a))
  })
  test.prop([type, type, type], { numRuns: 300 })('does not depend on the grouping of three operands', (a, b, c) => {
    expect(promote(promote(a, b), c)).toEqual(promote(a, promote(b, c)))
  })
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
  test('is one of five names, in the order in which promotion climbs', () => {
    expect(dtypes).toEqual(['bool', 'uint32', 'int32', 'float32', 'key'])
    expect(dtypes.every(isDType)).toBe(true)
  })

  test.each([
    ['float64', '"float64"'],
    ['toString', '"toString"'],
    ['__proto__', '"__proto__"'],
    [7, '7'],
    [null, 'null'],
    [undefined, 'undefined'],
    [Symbol.iterator, 'Symbol(Symbol.iterator)'],
  ])('of %s is refused with the names that exist', (dtype, shown) => {
    const message = `zeros: unknown dtype, got ${shown}; use one of bool, uint32, int32, float32, key`
    expect(() => checkDType('zeros', dtype)).toThrow(new DtypeError(message))
  })

  test('that is misspelled is refused wherever one is given', () => {
    const wrong = { dtype: 'float16' as 'float32' }
    expect(() => zeros([2], wrong)).toThrow(DtypeError)
    expect(() => array([1], wrong)).toThrow(
      'array: unknown dtype, got "float16"; use one of bool, uint32, int32, float32, key',
    )
    expect(() => array([1]).astype('int64' as 'int32')).toThrow(DtypeError)
    expect(() => array([1]).sum({ dtype: 'double' as 'float32' })).toThrow(DtypeError)
  })

  test('errors are TypeErrors with a name of their own', () => {
    const error = new DtypeError('x')
    expect(error).toBeInstanceOf(TypeError)
    expect(error.name).toBe('DtypeError')
  })

  test('of a typed array is its own, where there is one', () => {
    expect([Float32Array.of(1), Float64Array.of(1), Int32Array.of(1), Uint32Array.of(1)].map(dtypeOfArray)).toEqual([
      'float32',
      'float32',
      'int32',
      'uint32',
    ])
    expect(
      [Int8Array.of(1), Uint8Array.of(1), Int16Array.of(1), BigInt64Array.of(1n), new DataView(new ArrayBuffer(4))].map(
        dtypeOfArray,
      ),
    ).toEqual([null, null, null, null, null])
  })

  test('stores a key as two words', () => {
    expect(hostArray('key', 3)).toEqual(new Uint32Array(6))
    expect(hostArray('bool', 3)).toEqual(new Uint8Array(3))
  })
})

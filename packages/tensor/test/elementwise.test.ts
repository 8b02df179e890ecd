import { fc, test } from '@fast-check/vitest'
import * as np from '@linum/tensor'
import { array, type DType, DtypeError, type Tensor } from '@linum/tensor'
import { describe, expect } from 'vitest'

const ints = (...xs: number[]): Tensor => array(xs, { dtype: 'int32' })
const uints = (...xs: number[]): Tensor => array(xs, { dtype: 'uint32' })
const bools = (...xs: boolean[]): Tensor => array(xs)
const value = (x: Tensor): unknown => x.toArray()

/** Six digits right; 0, infinities and NaN exactly. */
const near = (x: number): unknown =>
  Number.isFinite(x) && x !== 0 ? expect.closeTo(x, 5 - Math.floor(Math.log10(Math.abs(x)))) : x

const float = fc.float({ noDefaultInfinity: false, noNaN: false })
const finite = fc.float({ noDefaultInfinity: true, noNaN: true, min: -1000, max: 1000 })
const int32 = fc.integer()

describe('arithmetic', () => {
  test('of integers wraps at 32 bits', () => {
    expect(value(ints(2147483647, -2147483648).add(ints(1, -1)))).toEqual([-2147483648, 2147483647])
    expect(value(uints(0, 4294967295).sub(uints(1, 0)))).toEqual([4294967295, 4294967295])
    expect(value(ints(65536, 123456789).mul(ints(65536, 987654321)))).toEqual([0, -67153019])
    expect(value(uints(4294967295).mul(4294967295))).toEqual([1])
    expect(value(ints(-2147483648).neg())).toEqual([-2147483648])
    expect(value(ints(-2147483648).abs())).toEqual([-2147483648])
    expect(value(uints(1).neg())).toEqual([4294967295])
    expect(value(ints(3).pow(ints(21)))).toEqual([1870418611])
  })

  test('of floats rounds to float32 after every operation', () => {
    expect(value(array([16777216]).add(1))).toEqual([16777216])
    expect(value(array([0.1]).mul(3))).toEqual([Math.fround(Math.fround(0.1) * 3)])
    expect(value(array([3e38]).mul(10))).toEqual([Infinity])
    expect(value(array([1e-40]).div(1e10))).toEqual([0])
  })

  test('of bool is or for a sum, and for a product; a difference is refused', () => {
    expect(value(bools(true, true, false).add(bools(true, false, false)))).toEqual([true, true, false])
    expect(value(bools(true, true, false).mul(bools(true, false, false)))).toEqual([true, false, false])
    expect(value(bools(true, false).maximum(bools(false, false)))).toEqual([true, false])
    expect(() => bools(true).sub(bools(true))).toThrow(
      new DtypeError("subtract: does not accept bool operands; use logicalXor(x, y), or convert with astype('int32')"),
    )
    expect(() => bools(true).mod(bools(true))).toThrow(DtypeError)
    expect(() => bools(true).floordiv(bools(true))).toThrow(DtypeError)
    expect(() => bools(true).neg()).toThrow(DtypeError)
    expect(() => bools(true).sign()).toThrow(DtypeError)
  })

  test.prop([int32, int32])('of int32 is arithmetic modulo 2^32', (a, b) => {
    const exact = (n: bigint): unknown => [Number(BigInt.asIntN(32, n))]
    expect(value(ints(a).add(ints(b)))).toEqual(exact(BigInt(a) + BigInt(b)))
    expect(value(ints(a).sub(ints(b)))).toEqual(exact(BigInt(a) - BigInt(b)))
    expect(value(ints(a).mul(ints(b)))).toEqual(exact(BigInt(a) * BigInt(b)))
  })
  test.prop([float, float])('of floats is that of JavaScript, rounded to float32', (a, b) => {
    const f = Math.fround
    const results = [np.add, np.subtract, np.multiply, np.divide, np.maximum, np.minimum].map(
      (op) => op(array([a]), array([b])).dataSync()[0],
    )
    expect(results).toEqual([f(a + b), f(a - b), f(a * b), f(a / b), Math.max(a, b), Math.min(a, b)])
  })
})

describe('division', () => {
  test('of integers gives float32, floorDivide and remainder stay integers', () => {
    expect(ints(7).div(ints(2)).dtype).toBe('float32')
    expect(value(ints(7, 1).div(ints(2, 3)))).toEqual([3.5, Math.fround(1 / 3)])
    expect(value(ints(7, -7, 7, -7).floordiv(ints(2, 2, -2, -2)))).toEqual([3, -4, -4, 3])
    expect(value(ints(7, -7, 7, -7).mod(ints(2, 2, -2, -2)))).toEqual([1, 1, -1, -1])
    expect(value(uints(4294967295).floordiv(2))).toEqual([2147483647])
    expect(value(uints(4294967295).mod(10))).toEqual([5])
  })

  test("of floats: floorDivide rounds down, remainder takes the divisor's sign", () => {
    expect(value(array([7.5, -7.5, 7.5, -7.5]).floordiv(array([2, 2, -2, -2])))).toEqual([3, -4, -4, 3])
    expect(value(array([7.5, -7.5, 7.5, -7.5]).mod(array([2, 2, -2, -2])))).toEqual([1.5, 0.5, -0.5, -1.5])
    expect(value(array([1, -1, 0]).div(array([0, 0, 0])))).toEqual([Infinity, -Infinity, NaN])
    expect(value(array([1, -1]).floordiv(array([0, 0])))).toEqual([Infinity, -Infinity])
    expect(value(array([1]).mod(array([0])))).toEqual([NaN])
  })

  const divisor = fc.integer({ min: -50, max: 50 }).filter((n) => n !== 0)
  test.prop([int32, divisor])('of integers splits x into quotient times divisor plus remainder', (a, b) => {
    const [q, r] = [ints(a).floordiv(ints(b)), ints(a).mod(ints(b))]
    expect(value(q)).toEqual([Math.floor(a / b) | 0])
    expect(value(q.mul(b).add(r))).toEqual([a])
    expect(Math.sign(Number(r.slice(0))) * Math.sign(b)).toBeGreaterThanOrEqual(0)
    expect(Math.abs(Number(r.slice(0)))).toBeLessThan(Math.abs(b))
  })
  test.prop([finite, finite.filter((b) => Math.abs(b) > 1e-3)])(
    'of floats leaves a remainder between zero and the divisor',
    (a, b) => {
      const r = Number(
        array([a])
          .mod(array([b]))
          .slice(0),
      )
      expect(r === 0 || Math.sign(r) === Math.sign(b)).toBe(true)
      expect(Math.abs(r)).toBeLessThanOrEqual(Math.abs(b))
    },
  )
})

describe('powers', () => {
  test('of integers stay integers; fractional exponents give floats', () => {
    expect(value(ints(2, -3, 0).pow(3))).toEqual([8, -27, 0])
    expect(value(ints(2).pow(0))).toEqual([1])
    expect(ints(2).pow(0.5).dtype).toBe('float32')
    expect(value(ints(4).pow(0.5))).toEqual([2])
  })

  test('of integers with a negative exponent are refused', () => {
    expect(() => ints(2).pow(-1)).toThrow(
      new DtypeError(
        "power: integers cannot be raised to a negative power, got -1; convert the base with astype('float32')",
      ),
    )
  })

  test('follow IEEE where JavaScript does not', () => {
    expect(value(array([1, 1, -1]).pow(array([NaN, Infinity, Infinity])))).toEqual([1, 1, 1])
    expect(value(array([NaN, 0, 0, -8]).pow(array([0, 0, -1, 1 / 3])))).toEqual([1, 1, Infinity, NaN])
  })

  test.prop([finite])('with exponents 0, 1, 2 and 3 are products', (x) => {
    const [zero, one, two, three] = [0, 1, 2, 3].map((n) => value(array([x]).pow(n)))
    expect([zero, one, two]).toEqual([[1], [Math.fround(x)], value(array([x]).mul(array([x])))])
    expect((three as number[])[0]).toBeCloseTo(x ** 3, -Math.ceil(Math.log10(Math.abs(x ** 3) + 1)) + 5)
  })
})

describe('rounding', () => {
  test('goes to the nearest integer, halves to even, and keeps -0', () => {
    expect(value(array([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 2.4, -2.6]).round())).toEqual([0, 2, 2, -0, -2, -2, 2, -3])
    expect(value(array([-0, NaN, Infinity, 8388609]).round())).toEqual([-0, NaN, Infinity, 8388609])
    expect(value(array([1.5, -1.5, -0.5]).floor())).toEqual([1, -2, -1])
    expect(value(array([1.5, -1.5, -0.5]).ceil())).toEqual([2, -1, -0])
  })

  test('leaves integers as they are', () => {
    const x = ints(1, 2)
    expect([x.round(), x.floor(), x.ceil()].every((y) => y === x)).toBe(true)
  })
})

describe('conversion', () => {
  test('of floats to integers cuts the fraction and saturates; NaN gives 0', () => {
    expect(value(array([1.9, -1.9, 3e9, -3e9, NaN, Infinity, -Infinity]).astype('int32'))).toEqual([
      1, -1, 2147483647, -2147483648, 0, 2147483647, -2147483648,
    ])
    expect(value(array([1.9, -1.9, 3e9, 5e9, NaN]).astype('uint32'))).toEqual([1, 0, 3000000000, 4294967295, 0])
  })

  test('of integers to integers wraps; to bool it asks for nonzero', () => {
    expect(value(ints(-1).astype('uint32'))).toEqual([4294967295])
    expect(value(uints(4294967295).astype('int32'))).toEqual([-1])
    expect(value(array([0, -0, 0.5, NaN]).astype('bool'))).toEqual([false, false, true, true])
    expect(value(bools(true, false).astype('float32'))).toEqual([1, 0])
  })

  test('to its own dtype is the tensor itself, unless it was weak', () => {
    const x = array([1])
    expect(x.astype('float32')).toBe(x)
    const weak = array(1)
    expect([weak.weak, weak.astype('float32').weak]).toEqual([true, false])
  })

  test('view keeps the bits', () => {
    expect(value(array([1, -2]).view('uint32'))).toEqual([0x3f800000, 0xc0000000])
    expect(value(uints(0x3f800000).view('float32'))).toEqual([1])
    expect(value(uints(4294967295).view('int32'))).toEqual([-1])
    expect(() => bools(true).view('int32')).toThrow(DtypeError)
    expect(() => array([1]).view('bool')).toThrow(DtypeError)
  })

  const dtype = fc.constantFrom<Exclude<DType, 'key'>>('float32', 'int32', 'uint32', 'bool')
  test.prop([fc.array(float, { maxLength: 5 }), dtype, dtype])(
    'twice to the same dtype changes nothing',
    (xs, a, b) => {
      const x = array(xs).astype(a).astype(b)
      expect(value(x.astype(b))).toEqual(value(x))
      expect([x.dtype, x.shape]).toEqual([b, [xs.length]])
    },
  )
  test.prop([int32])('from int32 to uint32 and back is the identity', (n) => {
    expect(value(ints(n).astype('uint32').astype('int32'))).toEqual([n])
    expect(value(ints(n).view('uint32').view('int32'))).toEqual([n])
  })
})

describe('comparison', () => {
  test('of NaN is false, but for notEqual; 0 equals -0', () => {
    const [x, y] = [array([NaN, 0, 1]), array([NaN, -0, 2])]
    expect(
      [np.equal, np.notEqual, np.less, np.lessEqual, np.greater, np.greaterEqual].map((f) => value(f(x, y))),
    ).toEqual([
      [false, true, false],
      [true, false, true],
      [false, false, true],
      [false, true, true],
      [false, false, false],
      [false, true, false],
    ])
  })

  test('maximum and minimum keep NaN and tell 0 from -0', () => {
    expect(value(array([NaN, 1, -0]).maximum(array([1, NaN, 0])))).toEqual([NaN, NaN, 0])
    expect(value(array([NaN, 1, 0]).minimum(array([1, NaN, -0])))).toEqual([NaN, NaN, -0])
    expect(value(uints(4294967295, 1).maximum(uints(1, 2)))).toEqual([4294967295, 2])
    expect(value(ints(-1, 1).minimum(ints(1, -2)))).toEqual([-1, -2])
  })

  test('sign keeps -0 and NaN', () => {
    expect(value(array([-3, -0, 0, 5, NaN]).sign())).toEqual([-1, -0, 0, 1, NaN])
    expect(value(uints(0, 7).sign())).toEqual([0, 1])
  })

  test('isnan, isinf and isfinite tell numbers apart, of integers too', () => {
    const x = array([NaN, Infinity, -Infinity, 1])
    expect(value(x.isnan())).toEqual([true, false, false, false])
    expect(value(x.isinf())).toEqual([false, true, true, false])
    expect(value(x.isfinite())).toEqual([false, false, false, true])
    expect(value(ints(1).isfinite())).toEqual([true])
  })
})

describe('logic and bits', () => {
  test('logical functions ask for nonzero and give bool', () => {
    expect(value(np.logicalAnd(array([0, 1, NaN]), array([1, 1, 1])))).toEqual([false, true, true])
    expect(value(np.logicalOr(ints(0, 2), ints(0, 0)))).toEqual([false, true])
    expect(value(np.logicalXor(ints(1, 2), ints(0, 3)))).toEqual([true, false])
    expect(value(np.logicalNot(array([0, 2])))).toEqual([true, false])
  })

  test('bitwise functions need integers or bool', () => {
    expect(value(ints(12).bitwiseAnd(10))).toEqual([8])
    expect(value(uints(0xffffffff).bitwiseXor(1))).toEqual([0xfffffffe])
    expect(value(uints(0).bitwiseNot())).toEqual([0xffffffff])
    expect(value(bools(true, false).bitwiseNot())).toEqual([false, true])
    expect(() => array([1]).bitwiseOr(1)).toThrow(
      new DtypeError("bitwiseOr: needs integers or bool, got float32; convert with astype('int32')"),
    )
    expect(() => array([1]).bitwiseNot()).toThrow(DtypeError)
    expect(() => bools(true).leftShift(bools(true))).toThrow(DtypeError)
  })

  test('shifts by 32 and more give what is left: nothing, or the sign', () => {
    expect(value(ints(1, 1, -1).leftShift(ints(31, 32, 40)))).toEqual([-2147483648, 0, 0])
    expect(value(ints(-8, -8, 8).rightShift(ints(1, 32, 99)))).toEqual([-4, -1, 0])
    expect(value(uints(0x80000000, 0x80000000).rightShift(uints(31, 32)))).toEqual([1, 0])
  })

  test.prop([int32, int32, fc.integer({ min: 0, max: 31 })])('are those of JavaScript', (a, b, n) => {
    expect(
      [
        ints(a).bitwiseAnd(ints(b)),
        ints(a).bitwiseOr(ints(b)),
        ints(a).bitwiseXor(ints(b)),
        ints(a).leftShift(n),
        ints(a).rightShift(n),
      ].map(value),
    ).toEqual([[a & b], [a | b], [a ^ b], [a << n], [a >> n]])
  })
})

describe('functions of floats', () => {
  test.each<[string, (x: Tensor) => Tensor, number[], number[]]>([
    ['exp', np.exp, [0, 1, -Infinity, Infinity, 89, -104], [1, Math.E, 0, Infinity, Infinity, 0]],
    ['expm1 near 0', np.expm1, [1e-10, -0], [1e-10, -0]],
    ['exp2', np.exp2, [3, -1], [8, 0.5]],
    ['log', np.log, [1, 0, -0, -1, Infinity], [0, -Infinity, -Infinity, NaN, Infinity]],
    ['log1p near 0', np.log1p, [1e-10, -1, -0], [1e-10, -Infinity, -0]],
    ['log2', np.log2, [8, 0], [3, -Infinity]],
    ['log10', np.log10, [1000], [3]],
    ['sqrt', np.sqrt, [4, -1, -0], [2, NaN, -0]],
    ['rsqrt', np.rsqrt, [4, 0], [0.5, Infinity]],
    ['reciprocal', np.reciprocal, [4, -0], [0.25, -Infinity]],
    ['sin', np.sin, [0, Math.PI / 2], [0, 1]],
    ['cos', np.cos, [0], [1]],
    ['tan', np.tan, [Math.PI / 4], [1]],
    ['tanh', np.tanh, [0, 100, -100], [0, 1, -1]],
    ['sigmoid', np.sigmoid, [0, 1000, -1000], [0.5, 1, 0]],
    ['erf', np.erf, [0, 0.5, 7, -7, NaN], [0, 0.5204998778, 1, -1, NaN]],
    ['erfinv', np.erfinv, [0, 0.5, 1, -1, 2], [0, 0.4769362762, Infinity, -Infinity, NaN]],
    ['logSigmoid', np.logSigmoid, [0, -1000], [-0.6931471806, -1000]],
    ['softplus', np.softplus, [0, 1000, -1000], [0.6931471806, 1000, 0]],
  ])('%s', (_name, f, xs, expected) => {
    const got = value(f(array(xs))) as number[]
    expect(got).toEqual(expected.map(near))
  })

  test('of integers give float32', () => {
    expect([np.exp, np.log, np.sqrt, np.sin, np.sigmoid].map((f) => f(ints(1)).dtype)).toEqual(
      Array.from({ length: 5 }, () => 'float32'),
    )
    expect(np.exp(bools(true)).dtype).toBe('float32')
  })

  test('arctan2 knows the quadrant, logaddexp does not overflow', () => {
    expect((value(np.arctan2(array([1, -1]), array([-1, -1]))) as number[]).map((x) => x / Math.PI)).toEqual([
      expect.closeTo(0.75, 6),
      expect.closeTo(-0.75, 6),
    ])
    const [big, nothing, infinite] = value(
      np.logaddexp(array([1000, -Infinity, Infinity]), array([1000, -Infinity, -Infinity])),
    ) as number[]
    expect([big, nothing, infinite]).toEqual([expect.closeTo(1000.6931, 3), -Infinity, Infinity])
  })

  test.prop([fc.float({ min: -3, max: 3, noNaN: true })])('erfinv undoes erf', (x) => {
    const y = Number(np.erfinv(np.erf(array([x]))).slice(0))
    expect(Math.abs(y - x)).toBeLessThan(1e-5 * Math.exp(x * x) + 1e-6)
  })
})

describe('clip and where', () => {
  test('clip limits from both sides, from one, or not at all', () => {
    const x = array([-2, 0, 5, NaN])
    expect(value(x.clip(-1, 3))).toEqual([-1, 0, 3, NaN])
    expect(value(x.clip(null, 3))).toEqual([-2, 0, 3, NaN])
    expect(value(x.clip(-1, null))).toEqual([-1, 0, 5, NaN])
    expect(value(x.clip(null, null))).toEqual([-2, 0, 5, NaN])
    expect(value(x.clip(3, -1))).toEqual([-1, -1, -1, NaN])
    expect(ints(1, 5).clip(2, 3.5).dtype).toBe('float32')
    expect(value(ints(1, 5).clip(2, 3))).toEqual([2, 3])
    expect(value(array([1, 2, 3]).clip(array([2, 2, 2]), array([[3], [1]])))).toEqual([
      [2, 2, 3],
      [1, 1, 1],
    ])
  })

  test('where takes from either side, broadcasting all three', () => {
    expect(
      value(
        np.where(
          array([true, false]),
          array([1, 2]),
          array([
            [3, 4],
            [5, 6],
          ]),
        ),
      ),
    ).toEqual([
      [1, 4],
      [1, 6],
    ])
    expect(value(np.where(array([0, 2]), 1, 2))).toEqual([2, 1])
    expect(np.where(true, ints(1), 2.5).dtype).toBe('float32')
    expect(np.where(true, ints(1), bools(true)).dtype).toBe('int32')
    expect(value(np.where(array([true, false]), array([1, NaN]), array([NaN, 1])))).toEqual([1, 1])
  })
})

test('every long name has its short one', () => {
  const pairs = {
    sub: np.subtract,
    mul: np.multiply,
    div: np.divide,
    floordiv: np.floorDivide,
    mod: np.remainder,
    pow: np.power,
    neg: np.negative,
    eq: np.equal,
    ne: np.notEqual,
    lt: np.less,
    le: np.lessEqual,
    gt: np.greater,
    ge: np.greaterEqual,
  }
  for (const [short, long] of Object.entries(pairs))
    expect((np as unknown as Record<string, unknown>)[short]).toBe(long)
})

test('empty and scalar operands work everywhere', () => {
  for (const f of [np.exp, np.abs, np.sign, np.isnan, np.logicalNot, np.square, np.relu]) {
    expect(f(np.zeros([0, 3])).shape).toEqual([0, 3])
    expect(f(np.zeros([])).shape).toEqual([])
  }
  expect(np.add(np.zeros([0, 1]), np.zeros([3])).shape).toEqual([0, 3])
})

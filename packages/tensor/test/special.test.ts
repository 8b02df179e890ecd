import { fc, test as property } from '@fast-check/vitest'
import { array, frexp, gcd, lcm, ldexp, nextafter, special, stats, type Tensor } from '@linum/tensor'
import { describe, expect, test } from 'vitest'

const number = (x: Tensor): number => x.item() as number
const positive = fc.integer({ min: 1, max: 200 }).map((n) => n / 16)
const wide = (x: number): Tensor => array(x, { dtype: 'float64' })

describe('special functions in double precision', () => {
  property.prop([positive], { numRuns: 20 })(
    'gamma grows by its argument, and its logarithm and derivative follow',
    (x) => {
      expect(number(special.gammaln(wide(x + 1))) - number(special.gammaln(wide(x)))).toBeCloseTo(Math.log(x), 11)
      expect(number(special.digamma(wide(x + 1))) - number(special.digamma(wide(x)))).toBeCloseTo(1 / x, 11)
      expect(number(special.zeta(3, wide(x))) - number(special.zeta(3, wide(x + 1)))).toBeCloseTo(x ** -3, 9)
    },
  )

  property.prop([positive, positive], { numRuns: 20 })(
    'incomplete functions and their complements add up to 1',
    (a, x) => {
      expect(number(special.gammainc(wide(a), wide(x))) + number(special.gammaincc(wide(a), wide(x)))).toBeCloseTo(
        1,
        12,
      )
      const share = x / (x + 3)
      const mirrored = number(special.betainc(wide(2), wide(a), wide(1 - share)))
      expect(number(special.betainc(wide(a), wide(2), wide(share))) + mirrored).toBeCloseTo(1, 11)
    },
  )

  property.prop([fc.integer({ min: 1, max: 999 })], { numRuns: 20 })(
    'the normal quantile undoes the distribution',
    (k) => {
      const p = k / 1000
      expect(number(special.ndtr(special.ndtri(wide(p))))).toBeCloseTo(p, 11)
      expect(number(special.expit(special.logit(wide(p))))).toBeCloseTo(p, 12)
      expect(number(special.logNdtr(special.ndtri(wide(p))))).toBeCloseTo(Math.log(p), 10)
    },
  )

  test('tails keep their digits where one less the function has none', () => {
    expect(number(special.erfc(array(9))) / 4.13703174651381e-37).toBeCloseTo(1, 4)
    expect(number(special.logNdtr(array(-40)))).toBeCloseTo(-804.608442, 3)
    expect(number(special.gammaincc(array(2), array(60))) / 5.3413e-25).toBeCloseTo(1, 3)
    expect(number(stats.norm.logsf(array(40)))).toBeCloseTo(-804.608442, 3)
  })
})

describe('parts of numbers', () => {
  property.prop([fc.float({ noNaN: true, noDefaultInfinity: true })], { numRuns: 40 })(
    'fraction and exponent make the number again',
    (x) => {
      const [m, e] = frexp(array(x))
      const size = Math.abs(number(m))
      expect(x === 0 ? size === 0 : size >= 0.5 && size < 1).toBe(true)
      expect(Object.is(number(ldexp(m, e)), x)).toBe(true)
    },
  )

  property.prop([fc.float({ noNaN: true, noDefaultInfinity: true })], { numRuns: 40 })(
    'the neighbour upwards has this number as its neighbour downwards',
    (x) => {
      const above = number(nextafter(array(x), Infinity))
      expect(above).toBeGreaterThan(x)
      if (above < Infinity) expect(number(nextafter(array(above), -Infinity)) + 0).toBe(x + 0)
    },
  )

  test('neighbours depend on the dtype', () => {
    const next = (dtype: 'bfloat16' | 'float16' | 'float64'): number =>
      number(nextafter(array(1, { dtype }), array(2, { dtype })))
    expect(next('bfloat16')).toBe(1 + 2 ** -7)
    expect(next('float16')).toBe(1 + 2 ** -10)
    expect(next('float64')).toBe(1 + 2 ** -52)
  })

  property.prop([fc.integer({ min: -500, max: 500 }), fc.integer({ min: -500, max: 500 })], { numRuns: 20 })(
    'divisor times multiple is the product',
    (a, b) => {
      const [x, y] = [array(a, { dtype: 'int32' }), array(b, { dtype: 'int32' })]
      expect(number(gcd(x, y)) * number(lcm(x, y))).toBe(Math.abs(a * b))
      if (a !== 0) expect(Math.abs(a) % number(gcd(x, y))).toBe(0)
    },
  )
})

test('errors name the function and the remedy', () => {
  expect(() => special.polygamma(array(1.5), array(1))).toThrow(/polygamma: .* must be of integer type, got float32/)
  expect(() => special.multigammaln(array(2), 0)).toThrow('multigammaln: d must be a positive integer, got 0')
  expect(() => gcd(array([1.5]), array([2]))).toThrow("gcd: needs integers, got float32; convert with astype('int32')")
  expect(() => special.gammaln([1] as never)).toThrow(/gammaln: expected a tensor or a number, got an array/)
  expect(() => stats.multivariateNormal.logpdf(array([1, 2]), array([0, 0]), array([[1]]))).toThrow(
    'multivariateNormal.logpdf: got incompatible shapes, mean (2,) and cov (1, 1); cov needs 2 rows and columns',
  )
})

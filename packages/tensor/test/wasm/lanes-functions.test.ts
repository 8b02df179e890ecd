import { describe, expect, test } from 'vitest'
import type { StoredDType } from '../../src/core/dtype.js'
import { roundBFloat16, roundFloat16 } from '../../src/core/half.js'
import * as H from '../../src/device/js/scalar-functions.js'
import type { ScalarOp } from '../../src/kernel/ir.js'
import { compileOp } from './lanes-kernel.js'
import { allHalves, fmaModes, numbersOf, reference, samples, singles } from './lanes-samples.js'

/** Functions in float64, and how far float32 results may be off, in units of the last place of the exact result. */
const unary: Readonly<Partial<Record<ScalarOp, readonly [(x: number) => number, ulps: number]>>> = {
  exp: [Math.exp, 1.1],
  exp2: [(x) => 2 ** x, 1.2],
  expm1: [Math.expm1, 1.5],
  log: [Math.log, 1],
  log1p: [Math.log1p, 1.6],
  logistic: [(x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : H.logistic(x)), 2],
  tanh: [Math.tanh, 2.3],
  erf: [H.erf, 1.9],
  erfc: [H.erfc, 0.6],
  erf_inv: [H.erfInv, 3],
  sin: [Math.sin, 1.6],
  cos: [Math.cos, 1.6],
  tan: [Math.tan, 1.7],
  sinh: [Math.sinh, 0.6],
  cosh: [Math.cosh, 0.6],
  asin: [Math.asin, 0.6],
  acos: [Math.acos, 0.6],
  atan: [Math.atan, 0.6],
  asinh: [Math.asinh, 0.6],
  acosh: [Math.acosh, 0.6],
  atanh: [Math.atanh, 0.6],
  cbrt: [Math.cbrt, 0.6],
  sqrt: [Math.sqrt, 0.5],
  rsqrt: [(x) => 1 / Math.sqrt(x), 1.5],
}
const binary: Readonly<Partial<Record<ScalarOp, readonly [(x: number, y: number) => number, ulps: number]>>> = {
  pow: [H.pow, 0.6],
  atan2: [Math.atan2, 0.6],
  rem: [(x, y) => x % y, 0],
}

const bits = new Uint32Array(1)
const number = new Float32Array(bits.buffer)
/** The distance of neighbouring float32 numbers where a number is. */
const spacing = (x: number): number => {
  number[0] = Math.abs(x)
  if (number[0]! > Math.abs(x)) bits[0]!--
  return Math.max(2 ** -149, 2 ** (Math.min(bits[0]! >>> 23, 254) - 150))
}

/** Ulps between a result and the exact one; zero, infinity and NaN must be met, up to what rounds to them. */
const distance = (got: number, exact: number): number => {
  if (Object.is(got, Math.fround(exact))) return 0
  if (!Number.isFinite(exact) || Number.isNaN(got)) return Infinity
  if (exact === 0 || (got === 0 && Math.sign(1 / got) !== Math.sign(exact))) return Infinity
  // Infinity stands where the next number would be.
  const finite = Number.isFinite(got) ? got : Math.sign(got) * 2 ** 128
  return Math.abs(finite - exact) / spacing(exact)
}

const worst = (got: ArrayLike<number>, exact: (i: number) => number, args: (i: number) => string): [number, string] => {
  let most = 0
  let where = ''
  for (let i = 0; i < got.length; i++) {
    const d = distance(got[i]!, exact(i))
    if (d > most) {
      most = d
      where = `${args(i)}: ${got[i]}, not ${exact(i)}`
    }
  }
  return [most, where]
}

describe.each(fmaModes)('float32 with fused multiply-add: %s', (fma) => {
  test.each(Object.entries(unary))('%s is accurate everywhere', (op, [f, ulps]) => {
    const x = singles(16)
    const y = compileOp(op as ScalarOp, 'float32', ['float32'], x.length, { fma })(x)
    const [most, where] = worst(
      y,
      (i) => f(x[i]!),
      (i) => `${op}(${x[i]})`,
    )
    expect(most, where).toBeLessThanOrEqual(ulps)
  })

  test.each(Object.entries(binary))('%s is accurate everywhere', (op, [f, ulps]) => {
    const values = singles(3, 7)
    const special = Float32Array.of(0, -0, 1, -1, NaN, Infinity, -Infinity, 2, -2, 3, -3, 0.5, -0.5, 1e30, -1e-30, 7)
    const length = 20_000
    const x = Float32Array.from({ length }, (_, i) => (i < 256 ? special[i >> 4]! : values[(i * 17) % values.length]!))
    const y = Float32Array.from({ length }, (_, i) =>
      i < 256 ? special[i & 15]! : i % 3 === 0 ? special[i % 16]! : values[(i * 29) % values.length]!,
    )
    const got = compileOp(op as ScalarOp, 'float32', ['float32', 'float32'], length, { fma })(x, y)
    const [most, where] = worst(
      got,
      (i) => f(x[i]!, y[i]!),
      (i) => `${op}(${x[i]}, ${y[i]})`,
    )
    expect(most, where).toBeLessThanOrEqual(ulps)
  })

  test('results do not depend on the neighbours', () => {
    const x = singles(4)
    const backwards = x.slice().reverse()
    for (const op of Object.keys(unary) as ScalarOp[]) {
      const run = compileOp(op, 'float32', ['float32'], x.length, { fma })
      expect(run(backwards).reverse(), op).toEqual(run(x))
    }
  })

  test('whole powers of two are exact', () => {
    const x = Float32Array.from({ length: 280 }, (_, i) => i - 151)
    expect(Array.from(compileOp('exp2', 'float32', ['float32'], 280, { fma })(x))).toEqual(
      Array.from(x, (n) => Math.fround(2 ** n)),
    )
  })
})

describe.each(['float16', 'bfloat16'] as const)('%s', (dtype) => {
  test('every pattern survives the way through float32', () => {
    const x = allHalves()
    const got = compileOp('convert', dtype, [dtype], x.length)(x)
    const numbers = numbersOf(dtype, x)
    expect(numbersOf(dtype, got)).toEqual(numbers)
  })

  test.each(Object.keys(unary) as ScalarOp[])('%s is the float32 result, rounded', (op) => {
    const x = allHalves().filter((_, i) => i % 4 === (i >> 8) % 4)
    const got = numbersOf(dtype, compileOp(op, dtype, [dtype], x.length)(x))
    const input = Float32Array.from(numbersOf(dtype, x))
    const single = compileOp(op, 'float32', ['float32'], x.length)(input)
    const round = dtype === 'float16' ? roundFloat16 : roundBFloat16
    const wrong = got.flatMap((y, i) => (Object.is(y, round(single[i]!)) ? [] : [`${op}(${input[i]}): ${y}`]))
    expect(wrong.slice(0, 5)).toEqual([])
  })
})

test.each([...Object.keys(unary), ...Object.keys(binary)] as ScalarOp[])('%s on float64 is the js device’s', (op) => {
  const arity = op in binary ? 2 : 1
  const length = 512
  const types = Array<StoredDType>(arity).fill('float64')
  const inputs = types.map((type, k) => samples(type, length, k + 3))
  const got = compileOp(op, 'float64', types, length)(...inputs)
  const expected = reference(op, 'float64', 'float64', arity)
  expect(Array.from(got)).toEqual(Array.from({ length }, (_, i) => expected(...inputs.map((x) => x[i]!))))
})

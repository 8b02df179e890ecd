import { expect, test } from 'vitest'
import type { StoredDType } from '../../src/core/dtype.js'
import { roundBFloat16, roundFloat16 } from '../../src/core/half.js'
import * as H from '../../src/device/js/scalar-functions.js'
import type { ScalarOp } from '../../src/kernel/ir.js'
import { singles, special } from './scalar-samples.js'
import { type Case, numbersOfWords, runCases, wordsOfNumbers } from './scalar-shader.js'

/** Functions in float64, and how far float32 results may be off, in units of the last place of the exact result. */
const unary: Readonly<Partial<Record<ScalarOp, readonly [(x: number) => number, ulps: number]>>> = {
  exp: [Math.exp, 1.5],
  exp2: [(x) => 2 ** x, 1.5],
  expm1: [Math.expm1, 2],
  log: [Math.log, 1.5],
  log1p: [Math.log1p, 2],
  logistic: [(x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : H.logistic(x)), 3],
  tanh: [Math.tanh, 3],
  erf: [H.erf, 2],
  erfc: [H.erfc, 4],
  erf_inv: [H.erfInv, 3],
  sin: [Math.sin, 2.5],
  cos: [Math.cos, 2.5],
  tan: [Math.tan, 4],
  sinh: [Math.sinh, 2.5],
  cosh: [Math.cosh, 2.5],
  asin: [Math.asin, 3],
  acos: [Math.acos, 3],
  atan: [Math.atan, 3],
  asinh: [Math.asinh, 3],
  acosh: [Math.acosh, 3],
  atanh: [Math.atanh, 3],
  cbrt: [Math.cbrt, 2.5],
  sqrt: [Math.sqrt, 2.5],
  rsqrt: [(x) => 1 / Math.sqrt(x), 4],
}
const binary: Readonly<Partial<Record<ScalarOp, readonly [(x: number, y: number) => number, ulps: number]>>> = {
  pow: [H.pow, 2],
  atan2: [Math.atan2, 3],
  rem: [(x, y) => x % y, 0],
  div: [(x, y) => x / y, 2.5],
}

const bits = new Uint32Array(1)
const number = new Float32Array(bits.buffer)
/** The distance of neighbouring float32 numbers where a number is. */
const spacing = (x: number): number => {
  number[0] = Math.abs(x)
  if (number[0]! > Math.abs(x)) bits[0]!--
  return Math.max(2 ** -149, 2 ** (Math.min(bits[0]! >>> 23, 254) - 150))
}

/** Ulps between a result and the exact one; zero, infinity and NaN must be met. Denormal results may be zero. */
const distance = (got: number, exact: number): number => {
  if (Object.is(got, Math.fround(exact))) return 0
  if (Math.abs(exact) < 2 ** -126 && (got === 0 || Math.abs(got) <= 2 ** -126)) return 0
  if (!Number.isFinite(exact) || Number.isNaN(got)) return Infinity
  if (exact === 0 || got === 0) return Infinity
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

const names = Object.keys(unary) as ScalarOp[]
const groups = [names.slice(0, 8), names.slice(8, 16), names.slice(16)]

test.each(groups)('%s and others are accurate everywhere', async (...ops) => {
  const x = singles(24)
  const cases = ops.map((op) => ({ op, dtype: 'float32', argTypes: ['float32'] }) as const)
  const results = await runCases(cases, [wordsOfNumbers('float32', x)])
  for (const [k, op] of ops.entries()) {
    const [f, ulps] = unary[op]!
    const got = numbersOfWords('float32', results[k]!)
    const [most, where] = worst(
      got,
      (i) => f(x[i]!),
      (i) => `${op}(${x[i]})`,
    )
    expect.soft(most, where).toBeLessThanOrEqual(ulps)
  }
})

test('functions of two numbers are accurate everywhere', async () => {
  const values = singles(3, 7)
  const length = 20_000
  const x = Float32Array.from({ length }, (_, i) => (i < 256 ? special[i >> 4]! : values[(i * 17) % values.length]!))
  const y = Float32Array.from({ length }, (_, i) =>
    i < 256 ? special[i & 15]! : i % 3 === 0 ? special[i % 16]! : values[(i * 29) % values.length]!,
  )
  const ops = Object.keys(binary) as ScalarOp[]
  const cases = ops.map((op) => ({ op, dtype: 'float32', argTypes: ['float32', 'float32'] }) as const)
  const results = await runCases(cases, [wordsOfNumbers('float32', x), wordsOfNumbers('float32', y)])
  for (const [k, op] of ops.entries()) {
    const [f, ulps] = binary[op]!
    const [most, where] = worst(
      numbersOfWords('float32', results[k]!),
      (i) => f(x[i]!, y[i]!),
      (i) => `${op}(${x[i]}, ${y[i]})`,
    )
    expect.soft(most, where).toBeLessThanOrEqual(ulps)
  }
})

test.each([
  ['float16', roundFloat16],
  ['bfloat16', roundBFloat16],
] as const)('functions of %s are those of float32, rounded', async (dtype, round) => {
  const x = singles(3, 5)
    .map(round)
    .filter((v) => v === 0 || !(Math.abs(v) < 2 ** -126))
  const words = wordsOfNumbers('float32', x)
  const others = wordsOfNumbers('float32', x.slice().reverse())
  const ops = [...names.slice(0, 5), ...names.slice(-2)]
  const pairs = ['pow', 'atan2', 'rem'] as const
  const cases = (type: StoredDType): readonly Case[] => [
    ...ops.map((op) => ({ op, dtype: type, argTypes: [type] })),
    ...pairs.map((op) => ({ op, dtype: type, argTypes: [type, type] })),
  ]
  const halves = await runCases(cases(dtype), [words, others])
  const wide = await runCases(cases('float32'), [words, others])
  for (const [k, { op }] of cases(dtype).entries())
    expect(numbersOfWords(dtype, halves[k]!), op).toEqual(
      (numbersOfWords('float32', wide[k]!) as Float32Array).map(round),
    )
})

import { dtypeBytes, isFloat, rangeOf, type StoredDType } from '../../src/core/dtype.js'
import { roundBFloat16, roundFloat16 } from '../../src/core/half.js'

/** A deterministic stream of 32-bit words. */
export const wordsFrom = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) ^ (state >>> 13)) >>> 0
  }
}

export const special: readonly number[] = [
  0,
  -0,
  1,
  -1,
  NaN,
  Infinity,
  -Infinity,
  2,
  -2,
  3,
  -3,
  0.5,
  -0.5,
  1e30,
  -1e-30,
  7,
]

const floatOf = (dtype: StoredDType): ((x: number) => number) =>
  dtype === 'float16' ? roundFloat16 : dtype === 'bfloat16' ? roundBFloat16 : Math.fround

/** The zero with a number's sign. */
export const zeroLike = (x: number): number => (x < 0 || Object.is(x, -0) ? -0 : 0)

/** Float32 numbers of every exponent and sign, the special ones, and neighbours of round numbers; none is denormal. */
export const singles = (perExponent: number, seed = 1): Float32Array<ArrayBuffer> => {
  const next = wordsFrom(seed)
  const bits: number[] = []
  for (let high = 0; high < 512; high++) {
    if ((high & 255) === 0) continue
    bits.push(high << 23, (high << 23) + 1, (high << 23) + 0x7fffff)
    for (let k = 3; k < perExponent; k++) bits.push((high << 23) | (next() & 0x7fffff))
  }
  const near = [0.25, 0.5, 1, 1.5, 2, 2.5, 3.95, Math.PI / 2, Math.PI, 10, 88.72, -87.33, 1e5].flatMap((x) =>
    [0, 1e-7, -1e-7, 1e-4, -1e-4, 0.01, -0.01, 0.1, -0.1].map((d) => x * (1 + d)),
  )
  const random = Array.from({ length: 2000 }, () => ((next() / 2 ** 32) * 2 - 1) * 2 ** ((next() % 12) - 5))
  const all = [...new Float32Array(Int32Array.from(bits).buffer), ...near, ...near.map((x) => -x), ...random]
  return Float32Array.from([...special, ...all])
}

/** Numbers of any dtype: the ends, small ones, and random bits; of floats none that float32 holds as denormal. */
export const samples = (dtype: StoredDType, length: number, seed: number): Float64Array => {
  const next = wordsFrom(seed)
  if (dtype === 'bool') return Float64Array.from({ length }, () => next() & 1)
  if (isFloat(dtype)) {
    const all = singles(4, seed)
    const round = floatOf(dtype)
    return Float64Array.from({ length }, () => {
      const x =
        next() % 4 === 0
          ? special[next() % special.length]!
          : next() % 2
            ? all[next() % all.length]!
            : (next() / 2 ** 31 - 1) * 2 ** (next() % 24)
      return Math.abs(round(x)) < 2 ** -126 ? zeroLike(x) : round(x)
    })
  }
  const [low, high] = rangeOf(dtype)
  const ends = [low, low + 1, high, high - 1, 0, 1, 2, 3, 7, 31, 32, 33, ...(low < 0 ? [-1, -2, -3, -32] : [])]
  return Float64Array.from({ length }, () => {
    if (next() % 3 === 0) return ends[next() % ends.length]!
    const bits = next() >>> (32 - 8 * dtypeBytes(dtype))
    const x = next() % 2 === 0 ? bits : bits >>> (next() % 16)
    return low < 0 && x > high ? x - 2 * (high + 1) : x
  })
}

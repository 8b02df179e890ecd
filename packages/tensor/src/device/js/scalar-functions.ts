/** The functions that emitted code calls and that the interpreter runs: one meaning for both. */
export {
  decodeBFloat16,
  decodeFloat16,
  encodeBFloat16,
  encodeFloat16,
  roundBFloat16,
  roundFloat16,
} from '../../core/half.js'
export { erf, erfc, erfInv, erfInvDouble } from './erf.js'
export { threefryBits, threefryWord } from './threefry.js'

/** Rounds half to even, keeping -0. */
export const roundEven = (x: number): number => {
  const r = Math.round(x)
  const even = Math.abs(r - x) === 0.5 && r % 2 !== 0 ? r - 1 : r
  return even === 0 && (x < 0 || Object.is(x, -0)) ? -0 : even
}

/** IEEE pow: 1 to any power is 1, also NaN, and -1 to an infinite power is 1; JavaScript says NaN. */
export const pow = (x: number, y: number): number =>
  x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : Math.pow(x, y)

/** Integer power by squaring, wrapping at 32 bits. Negative exponents give what 1 / x truncates to. */
export const intPow = (x: number, y: number): number => {
  if (y < 0) return x === 1 ? 1 : x === -1 ? (y % 2 === 0 ? 1 : -1) : 0
  let result = 1
  let base = x
  for (let e = y; e > 0; e = Math.floor(e / 2)) {
    if (e % 2 === 1) result = Math.imul(result, base)
    base = Math.imul(base, base)
  }
  return result
}

/** Shifts by 32 or more give 0 (or the sign), where JavaScript takes the amount modulo 32. */
export const shiftLeft = (x: number, by: number): number => (by >>> 0 < 32 ? x << by : 0)
export const shiftRightLogical = (x: number, by: number): number => (by >>> 0 < 32 ? x >>> by : 0)
export const shiftRightArithmetic = (x: number, by: number): number => x >> (by >>> 0 < 32 ? by : 31)

/** A float as an integer of a range: towards zero, to the nearest end from outside, NaN to 0. */
export const saturate = (x: number, low: number, high: number): number =>
  x >= high ? high : x <= low ? low : Math.trunc(x) + 0 || 0

const words = new DataView(new ArrayBuffer(4))
export const floatBits = (x: number): number => {
  words.setFloat32(0, x)
  return words.getUint32(0)
}
export const bitsFloat = (x: number): number => {
  words.setUint32(0, x >>> 0)
  return words.getFloat32(0)
}

const double = new Float64Array(1)
const halves = new Uint32Array(double.buffer)

/**
 * x * y + z for float32 operands, rounded once. The product is exact in float64; the sum is rounded to odd (its last
 * bit set where it is inexact), so that rounding it again to float32 decides every tie rightly.
 */
export const fma = (x: number, y: number, z: number): number => {
  const p = x * y
  const s = p + z
  if (!Number.isFinite(s)) return Math.fround(s)
  const zz = s - p
  const error = p - (s - zz) + (z - zz)
  if (error === 0) return Math.fround(s)
  double[0] = s
  const low = littleEndian ? 0 : 1
  if ((halves[low]! & 1) === 0) {
    if (error > 0 === s > 0) halves[low]! |= 1
    else {
      if (halves[low] === 0) halves[1 - low]! -= 1
      halves[low]! -= 1
    }
  }
  return Math.fround(double[0]!)
}
const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

export const sign = (x: number): number => (x > 0 ? 1 : x < 0 ? -1 : x)
export const logistic = (x: number): number => 1 / (1 + Math.exp(-x))

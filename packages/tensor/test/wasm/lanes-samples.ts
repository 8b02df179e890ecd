import type { TypedArray } from '@linum/tensor'
import { dtypeBytes, isFloat, rangeOf, type StoredDType } from '../../src/core/dtype.js'
import { hostArray, numberOf } from '../../src/core/host.js'
import * as H from '../../src/device/js/scalar-functions.js'
import { emitters } from '../../src/device/js/scalar.js'
import { hasRelaxed } from '../../src/device/wasm/features.js'
import type { ScalarOp } from '../../src/kernel/ir.js'

// Asked for before anything is compiled, as engines may need a flag.
export const relaxed: boolean = hasRelaxed()
if (!relaxed) console.log('fused multiply-add is not tested: this engine has no relaxed SIMD')
export const fmaModes: readonly boolean[] = relaxed ? [false, true] : [false]

/** One operation as the js device computes it, on numbers. */
export const reference = (
  op: ScalarOp,
  dtype: StoredDType,
  argType: StoredDType,
  arity: number,
): ((...args: readonly number[]) => number) => {
  const names = ['a', 'b', 'c', 'd', 'g'].slice(0, arity)
  const f = new Function('H', ...names, `return ${emitters[op](names, dtype, argType)}`)
  return (...args) => Number(f(H, ...args))
}

/** A deterministic stream of 32-bit words. */
const words = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) ^ (state >>> 13)) >>> 0
  }
}

/** All sixteen-bit patterns, as numbers stored in any 16-bit dtype are. */
export const allHalves = (): Uint16Array => Uint16Array.from({ length: 65536 }, (_, i) => i)

/** Float32 numbers of every exponent and sign, the special ones, and neighbours of round numbers. */
export const singles = (perExponent = 8, seed = 1): Float32Array<ArrayBuffer> => {
  const next = words(seed)
  const bits: number[] = []
  for (let high = 0; high < 512; high++) {
    bits.push(high << 23, (high << 23) + 1, (high << 23) - 1)
    for (let k = 3; k < perExponent; k++) bits.push((high << 23) | (next() & 0x7fffff))
  }
  const view = new Float32Array(Int32Array.from(bits).buffer)
  const near = [0.5, 1, 1.5, 2, Math.PI / 2, Math.PI, 10, 88.72, -87.33, -103.97, 1e5].flatMap((x) =>
    [0, 1e-7, -1e-7, 1e-4, -1e-4, 0.01, -0.01, 0.1, -0.1].map((d) => x * (1 + d)),
  )
  const random = Array.from({ length: 2000 }, () => ((next() / 2 ** 32) * 2 - 1) * 2 ** ((next() % 12) - 5))
  const all = [...view, ...near, ...near.map((x) => -x), ...random]
  return Float32Array.from({ length: Math.ceil(all.length / 4) * 4 }, (_, i) => all[i % all.length]!)
}

/** Elements of any dtype as they are stored: the ends, small numbers and random bits. */
export const samples = (dtype: StoredDType, length: number, seed: number): TypedArray => {
  const next = words(seed)
  const out = hostArray(dtype, length)
  if (dtype === 'float64') {
    for (let i = 0; i < length; i++)
      out[i] =
        (next() % 8 === 0 ? [0, -0, NaN, Infinity, -Infinity, 1, -1, 0.5][next() % 8]! : 1) *
        (next() / 2 ** 31 - 1) *
        2 ** ((next() % 40) - 20)
    return out
  }
  const ends = isFloat(dtype) || dtype === 'bool' ? [] : [...rangeOf(dtype), 0, 1, 2, 3, 7, 31, 32]
  const bytes = new Uint8Array(out.buffer)
  for (let i = 0; i < bytes.length; i++) bytes[i] = dtype === 'bool' ? next() & 1 : next() >>> 7
  for (let i = 0; i < length; i++) if (ends.length > 0 && next() % 3 === 0) out[i] = ends[next() % ends.length]!
  if (isFloat(dtype) && dtypeBytes(dtype) === 4) out.set(singles(3).subarray(0, Math.min(length >> 1, 1536)))
  return out
}

/** The numbers of stored elements. */
export const numbersOf = (dtype: StoredDType, stored: TypedArray): number[] =>
  Array.from(stored, (x) => numberOf(dtype, x))

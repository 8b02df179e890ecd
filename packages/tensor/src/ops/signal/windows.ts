import { checkShape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { array } from '../create/create.js'

/** A window of n samples of a function of the fraction of the way from the first to the last. */
const window = (fn: string, n: number, at: (t: number) => number): Tensor => {
  checkShape(fn, [n])
  return array(Float32Array.from({ length: n }, (_, i) => (n === 1 ? 1 : at(i / (n - 1)))))
}

const turn = 2 * Math.PI

/** Hann's window of n samples: 0.5 - 0.5 cos. */
export const hanning = (n: number): Tensor => window('hanning', n, (t) => 0.5 - 0.5 * Math.cos(turn * t))
/** Hamming's window of n samples: 0.54 - 0.46 cos. */
export const hamming = (n: number): Tensor => window('hamming', n, (t) => 0.54 - 0.46 * Math.cos(turn * t))
/** Blackman's window of n samples: 0.42 - 0.5 cos + 0.08 cos of twice the angle. */
export const blackman = (n: number): Tensor =>
  window('blackman', n, (t) => 0.42 - 0.5 * Math.cos(turn * t) + 0.08 * Math.cos(2 * turn * t))
/** Bartlett's window of n samples: a triangle that ends in 0. */
export const bartlett = (n: number): Tensor => window('bartlett', n, (t) => 1 - Math.abs(2 * t - 1))

/** The modified Bessel function of the first kind of order 0, by its power series. */
const besselI0 = (x: number): number => {
  let term = 1
  let total = 1
  for (let k = 1; term > total * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2
    total += term
  }
  return total
}

/** Kaiser's window of n samples: wider in frequency and lower beside the peak for a greater `beta`. */
export const kaiser = (n: number, beta: number): Tensor => {
  if (!Number.isFinite(beta)) throw new RangeError(`kaiser: beta must be finite, got ${beta}`)
  const height = besselI0(beta)
  return window('kaiser', n, (t) => besselI0(beta * Math.sqrt(Math.max(0, 1 - (2 * t - 1) ** 2))) / height)
}
